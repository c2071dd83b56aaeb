#!/usr/bin/python3
"""A CGI program below lighttpd: what it gets of a request is what the server made of it (RFC 3875)."""

import json
import os
import sys
import time

path, method = os.environ.get("PATH_INFO", ""), os.environ["REQUEST_METHOD"]
if path.startswith("/leftover/"):
    status = {"/leftover/204": "204 No Content", "/leftover/304": "304 Not Modified"}.get(path, "200 OK")
    sys.stdout.write(f"Status: {status}\r\nContent-Type: text/plain\r\n\r\n")
    sys.stdout.flush()
    time.sleep(0.02)
    sys.stdout.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
else:
    handler = {"/admin/users": "admin", "/secret": "secret"}.get(path.rstrip("/"), "everything")
    if path.startswith("/items/") and method == "DELETE":
        handler = "delete"
    seen = {name: value for name, value in os.environ.items() if name.startswith("HTTP_")}
    body = json.dumps({"handler": handler, "method": method, "seen": seen})
    sys.stdout.write(f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n" + body)

"""WSGI middleware that breaks the rules: below /leftover/ it sends a body in writes of their own where none may be (HEAD, 204, 304)."""

import time

EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"


def with_leftovers(app):
    def answer(environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith("/leftover/"):
            return app(environ, start_response)
        status = {"/leftover/204": "204 No Content", "/leftover/304": "304 Not Modified"}.get(path, "200 OK")
        start_response(status, [("Content-Length", str(len(EVIL)))] if status == "200 OK" else [])

        def body():
            yield b""
            time.sleep(0.02)
            yield EVIL

        return body()

    return answer

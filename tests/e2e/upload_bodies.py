"""Bodies of multipart/form-data, byte for byte."""

import hashlib

BOUNDARY = "limit-of-parts"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=" + BOUNDARY}


def part(name, content, file=None):
    disposition = f'form-data; name="{name}"' + (f'; filename="{file}"\r\nContent-Type: application/octet-stream' if file else "")
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


def multipart(*parts):
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def facts(content, name):
    """What the example app says of a file."""
    return {"name": name, "type": "application/octet-stream", "size": len(content), "hash": hashlib.sha256(content).hexdigest()}

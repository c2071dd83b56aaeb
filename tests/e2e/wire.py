"""A client on bare sockets: sends exactly the bytes it is given and reads responses strictly."""

import socket


class message:
    """Something with headers: [(name, value)], as received."""

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} more than once: {values}"
        return values[0] if values else None


class response(message):
    def __init__(self, status, headers, body, raw_head):
        self.status = status
        self.headers = headers
        self.body = body
        self.raw_head = raw_head

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:200]!r}>"


def request(method, target, headers=None, body=b"", host="api.test", version="HTTP/1.1"):
    """The bytes of a plain request. headers: a dict or a list of pairs; with a body and no framing of its own it gets Content-Length."""
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    names = {name.lower() for name, _ in pairs}
    if host is not None and "host" not in names:
        pairs.insert(0, ("Host", host))
    if body and not names & {"content-length", "transfer-encoding"}:
        pairs.append(("Content-Length", str(len(body))))
    head = f"{method} {target} {version}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in pairs) + "\r\n"
    return head.encode("latin-1") + body


class connection:
    def __init__(self, address, timeout=15):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self.buffer = b""

    @classmethod
    def to_unix(cls, path, timeout=10):
        made = cls.__new__(cls)
        made.socket = socket.socket(socket.AF_UNIX)
        made.socket.settimeout(timeout)
        made.socket.connect(str(path))
        made.buffer = b""
        return made

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """More bytes into the buffer; False at the end of the stream."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)

    def until(self, separator):
        while separator not in self.buffer:
            if not self.receive():
                raise EOFError(f"the stream ended: {self.buffer!r}")
        result, self.buffer = self.buffer.split(separator, 1)
        return result + separator

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.receive():
                raise EOFError(f"the stream ended {count - len(self.buffer)} bytes early")
        result, self.buffer = self.buffer[:count], self.buffer[count:]
        return result

    def rest(self):
        """All that comes until the peer closes."""
        while self.receive():
            pass
        result, self.buffer = self.buffer, b""
        return result

    def head(self):
        raw = self.until(b"\r\n\r\n")
        lines = raw[:-4].decode("latin-1").split("\r\n")
        version, status, _ = (lines[0] + " ").split(" ", 2)
        assert version in ("HTTP/1.1", "HTTP/1.0"), lines[0]
        headers = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines[1:]]
        return response(int(status), headers, b"", raw)

    def chunk(self):
        """The data of the next chunk; empty for the last one, whose trailers are returned by trailers()."""
        size = int(self.until(b"\r\n").split(b";")[0], 16)
        if size == 0:
            return b""
        data = self.exactly(size)
        assert self.exactly(2) == b"\r\n"
        return data

    def trailers(self):
        lines = []
        while (line := self.until(b"\r\n")) != b"\r\n":
            lines.append(line[:-2].decode())
        return lines

    def response(self, to_head=False):
        """The next final response with its body."""
        while True:
            result = self.head()
            if result.status >= 200 or result.status == 101:
                break
        if to_head or result.status in (101, 204, 304):
            return result
        if result.get("Transfer-Encoding") is not None:
            assert result.get("Transfer-Encoding") == "chunked" and result.get("Content-Length") is None
            while data := self.chunk():
                result.body += data
            result.trailer_lines = self.trailers()
        elif result.get("Content-Length") is not None:
            result.body = self.exactly(int(result.get("Content-Length")))
        else:
            result.body = self.rest()
        return result

    def is_closed(self):
        """Whether the peer ends the connection without another byte."""
        return self.rest() == b""


def fetch(address, method="GET", target="/", headers=None, body=b"", **more):
    """One request on a connection of its own."""
    with connection(address) as wire:
        wire.send(request(method, target, headers, body, **more))
        return wire.response(to_head=method == "HEAD")

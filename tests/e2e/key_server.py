"""An issuer's key server that answers what a test says, well or badly, and remembers who asked."""

import json
import socket
import ssl
import struct
import threading
import time


def ok(body, *fields):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def key_set(*pairs):
    return {"keys": [pair.jwk for pair in pairs]}


class key_server:
    """Answers each request on a connection of its own. `answers`: path -> bytes, or a function of the socket that answers by itself."""

    def __init__(self, certificate=None, **answers):
        self.answers = {"/" + path: answer for path, answer in answers.items()}
        self.requests = []  # (path, {field in lower case: value}, when)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(str(certificate) + ".crt", str(certificate) + ".key")
        self.closing = threading.Event()
        self.listener = None
        self.port = 0
        self.open()

    def open(self):
        """Listens, where it did before if it did."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def close(self):
        """Refuses connections from now on."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def stop(self):
        self.closing.set()
        try:
            self.close()
        except OSError:
            pass  # closed by the test

    def url(self, path="/keys", host="127.0.0.1"):
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def asked(self, path="/keys"):
        return sum(each[0] == path for each in self.requests)

    def wait_asked(self, count, path="/keys", within=15):
        deadline = time.monotonic() + within
        while self.asked(path) < count:
            assert time.monotonic() < deadline, f"asked {self.asked(path)} times, not {count}"
            time.sleep(0.01)

    def accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            with peer:
                peer.settimeout(20)
                with (self.tls.wrap_socket(peer, server_side=True) if self.tls else peer) as plain:
                    self.answer(plain)
        except OSError:
            pass  # the other side left, or did not like the certificate

    def answer(self, peer):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = peer.recv(4096)
            if not data:
                return
            head += data
        request, *fields = head.decode().rstrip("\r\n").split("\r\n")
        path = request.split(" ")[1]
        pairs = (field.split(": ", 1) for field in fields)
        self.requests.append((path, {name.lower(): value for name, value in pairs}, time.monotonic()))
        answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        if callable(answer):
            answer(peer)
        else:
            peer.sendall(answer)

    # What can go wrong: functions of the socket.

    def stall(self, peer):
        self.closing.wait(20)

    def stall_within(self, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        self.closing.wait(20)

    def trickle(self, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not self.closing.wait(0.05):
            peer.sendall(b" ")

    @staticmethod
    def reset(peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    @staticmethod
    def endless_chunk_line(peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=")
        while True:
            peer.sendall(b"x" * 65536)

    @staticmethod
    def endless_head(peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            peer.sendall(b"X-Filler: " + b"x" * 4000 + b"\r\n")

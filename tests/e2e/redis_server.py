"""Debian's redis-server as a process, on a free port of loopback or a unix socket, and a client that speaks RESP."""

import os
import signal
import socket
import subprocess
import tempfile
import time

from conftest import SLOWNESS


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class redis_client:
    """One command at a time."""

    def __init__(self, port, *auth):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.stream = self.socket.makefile("rb")
        if auth:
            assert self.ask("AUTH", *auth) == "OK"

    def ask(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        return self.reply()

    def reply(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"-":
            raise RuntimeError(rest)
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == "-1" else self.stream.read(int(rest) + 2)[:-2].decode()
        assert kind == b"*", line
        return [self.reply() for _ in range(int(rest))]

    def close(self):
        self.stream.close()
        self.socket.close()


class redis_server:
    """Keeps nothing on disk. `settings`: more of its command line."""

    def __init__(self, *settings, auth=(), port=None, unix=None):
        self.port = port or free_port()
        self.settings = settings
        self.auth = auth
        self.unix = unix
        self.directory = tempfile.TemporaryDirectory()
        self.process = None
        self.start()

    @property
    def address(self):
        return f"unix:{self.unix}" if self.unix else f"127.0.0.1:{self.port}"

    def start(self):
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no",
                   "--dir", self.directory.name, *self.settings]
        if self.unix:
            command += ["--unixsocket", str(self.unix), "--unixsocketperm", "700"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        deadline = time.monotonic() + 10 * SLOWNESS
        while True:
            try:
                self.client().close()
                return
            except OSError:
                assert self.process.poll() is None, self.process.stdout.read()
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def client(self):
        return redis_client(self.port, *self.auth)

    def ask(self, *words):
        client = self.client()
        try:
            return client.ask(*words)
        finally:
            client.close()

    def kill(self):
        """As a crash: nothing is said to anybody."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process.poll() is None:
            self.thaw()
            self.kill()
        self.directory.cleanup()


def tls_options(vouching, port):
    """For a server with the certificate `server` of this authority, on one more port."""
    directory = vouching.directory
    return ["--tls-port", str(port), "--tls-cert-file", str(directory / "server.crt"), "--tls-key-file", str(directory / "server.key"),
            "--tls-ca-cert-file", str(directory / "ca.crt"), "--tls-auth-clients", "no"]



"""Fixtures: the binary under test as a process, upstreams that record, and a time limit for every test."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

import tokens
import upstreams
import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("BEARWARD_BINARY", str(ROOT / "build/release/bearward"))
SLOWNESS = int(os.environ.get("BEARWARD_SLOWNESS", "1"))  # of sanitizers

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: 127.0.0.1:0, name: public}
admin: {address: "unix:@directory@/admin.sock"}
upstreams:
  app: {servers: ["@http@"], response_timeout: 4s, write_timeout: 4s}
  sockets: {servers: ["@websocket@"]}
  down: {servers: [127.0.0.1:1], connect_timeout: 1s}
providers:
  main:
    type: jwt
    issuer: https://id.test/
    audiences: [widgets]
    algorithms: [HS256]
    keys: {secret: {file: secret}}
    clock_skew: 0s
  set: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [RS256, ES256, EdDSA], keys: {jwks_file: jwks.json}}
  pem: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [RS256], keys: {pem_file: rsa.pem}}
  # Trusts the algorithm but not the key: what a forger signs with the public key as an HMAC secret must not pass.
  confused: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [RS256, HS256], keys: {jwks_file: jwks.json}}
routes:
  - {prefix: /app, name: app, upstream: app, providers: [main]}
  - {prefix: /sink, name: sink, upstream: app, providers: [main]}
  - {prefix: /public, name: public, upstream: app, auth: none}
  - {prefix: /app/admin, name: admin, upstream: app, providers: [main], require: {roles: [admin]}}
  - {prefix: "/tenants/{tenant_id}", name: tenants, upstream: app, providers: [main], require: {tenant: "{tenant_id}"}}
  - {exact: /only-get, name: only_get, upstream: app, providers: [main], methods: [GET]}
  - {prefix: /query, name: query, upstream: app, providers: [main], token_from: [header, query]}
  - {prefix: /keep, name: keep, upstream: app, providers: [main], forward_token: true}
  - {prefix: /set, name: set, upstream: app, providers: [set]}
  - {prefix: /pem, name: pem, upstream: app, providers: [pem]}
  - {prefix: /confused, name: confused, upstream: app, providers: [confused]}
  - {prefix: /down, name: down, upstream: down, providers: [main]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
  - {prefix: /ws/admin, name: ws_admin, upstream: sockets, providers: [main], require: {roles: [admin]}}
  - {prefix: "/ws/tenants/{tenant_id}", name: ws_tenants, upstream: sockets, providers: [main], require: {tenant: "{tenant_id}"}}
  - {prefix: /ws/off, name: ws_off, upstream: sockets, providers: [main], websocket: off}
  - {prefix: /ws/open, name: ws_open, upstream: sockets, auth: none}
  - {prefix: /ws/down, name: ws_down, upstream: down, providers: [main]}
  - {prefix: /rawws, name: rawws, upstream: app, providers: [main]}
"""


class unix_connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


class bearward_process:
    """A running Bearward. Its folder holds the configuration, the keys, the admin socket and the log."""

    def __init__(self, directory, configuration, http="127.0.0.1:1", websocket="127.0.0.1:1", admin=None, ready=True, files=None):
        self.admin_address = admin  # (host, port), or None for the unix socket in its folder
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "secret").write_bytes(tokens.SECRET + b"\n")
        (self.directory / "jwks.json").write_text(tokens.KEY_SET)
        (self.directory / "rsa.pem").write_bytes(tokens.RSA.public_pem)
        for name, content in (files or {}).items():
            (self.directory / name).write_text(content)
        text = configuration.replace("@directory@", str(self.directory)).replace("@http@", http).replace("@websocket@", websocket)
        self.configuration = self.directory / "bearward.yaml"
        self.configuration.write_text(text)
        self.log_path = self.directory / "log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "-c", str(self.configuration)], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid
        self.looked_at = False
        try:
            self.wait_ready({200} if ready else {200, 503})
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def wait_ready(self, statuses=frozenset({200})):
        deadline = time.monotonic() + 10 * SLOWNESS
        while True:
            assert self.process.poll() is None, f"ended with {self.process.returncode} at the start:\n{self.log()}"
            try:
                if self.admin("/readyz")[0] in statuses:
                    break
            except OSError:
                pass
            assert time.monotonic() < deadline, f"not ready in time:\n{self.log()}"
            time.sleep(0.02)
        self.addresses = {entry["name"]: entry["address"] for entry in json.loads(self.admin("/status")[1])["listeners"]}
        self.address = self.addresses["public"]
        self.url = "http://" + self.address

    def admin(self, path, method="GET", headers=None):
        """(status, body) of the admin listener."""
        if self.admin_address:
            connection = http.client.HTTPConnection(*self.admin_address, timeout=10)
        else:
            connection = unix_connection(str(self.directory / "admin.sock"))
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def access_records(self):
        records = []
        for line in self.log().split("\n"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and "request_id" in record and "status" in record:
                records.append(record)
        return records

    def access_record(self, request_id):
        """The record of the request with this X-Request-Id: it is written a moment after the answer."""
        deadline = time.monotonic() + 5 * SLOWNESS
        while True:
            found = [record for record in self.access_records() if record["request_id"] == request_id]
            if found:
                assert len(found) == 1, found
                return found[0]
            assert time.monotonic() < deadline, f"no access record {request_id}:\n{self.log()[-3000:]}"
            time.sleep(0.05)

    def memory(self, field="VmRSS"):
        """In bytes, as the kernel counts it; VmHWM is the highest so far."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE).group(1)) * 1024

    def fetch(self, *arguments, **named):
        return wire.fetch(self.address, *arguments, **named)

    def connect(self):
        return wire.connection(self.address)

    def stop(self, expect=0):
        """Ends it as an operator would, and looks at what it leaves behind."""
        if self.looked_at:
            return
        self.looked_at = True
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10 * SLOWNESS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"did not end on SIGTERM:\n{self.log()[-3000:]}") from None
        log = self.log()
        assert self.process.returncode == expect, f"exit code {self.process.returncode}:\n{log[-6000:]}"
        assert "Sanitizer" not in log and "runtime error" not in log, log[-6000:]
        for token in tokens.minted:
            assert token.rsplit(".", 1)[-1] == "" or token.rsplit(".", 1)[-1] not in log, "a token in the log"
        assert tokens.SECRET.decode() not in log


@pytest.fixture(autouse=True)
def time_limit():
    """No test runs on for ever."""
    def give_up(*_):
        raise TimeoutError("the test ran too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(40 * SLOWNESS)
    yield
    signal.alarm(0)


@pytest.fixture(scope="session")
def http_upstream():
    upstream = upstreams.http_upstream()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="session")
def websocket_upstream():
    upstream = upstreams.websocket_upstream()
    yield upstream
    upstream.stop()


@pytest.fixture(autouse=True)
def forgetful(request):
    """What upstreams recorded belongs to one test."""
    for name in ("http_upstream", "websocket_upstream"):
        if name in request.fixturenames:
            request.getfixturevalue(name).forget()


@pytest.fixture(scope="module")
def bearward(request, tmp_path_factory, http_upstream, websocket_upstream):
    """One proxy a module; its CONFIGURATION replaces the usual one."""
    process = bearward_process(
        tmp_path_factory.mktemp("bearward"), getattr(request.module, "CONFIGURATION", CONFIGURATION),
        http=http_upstream.address, websocket=websocket_upstream.address)
    yield process
    process.stop()


@pytest.fixture
def start(tmp_path, http_upstream, websocket_upstream):
    """Starts further proxies for one test."""
    started = []

    def start_one(configuration=CONFIGURATION, **addresses):
        addresses = {"http": http_upstream.address, "websocket": websocket_upstream.address, **addresses}
        started.append(bearward_process(tmp_path / f"proxy-{len(started)}", configuration, **addresses))
        return started[-1]

    yield start_one
    for process in started:
        process.stop()


@pytest.fixture
def app(http_upstream):
    """The HTTP upstream, under the name that tests use."""
    return http_upstream


@pytest.fixture
def sockets(websocket_upstream):
    """The WebSocket upstream, under the name that tests use."""
    return websocket_upstream

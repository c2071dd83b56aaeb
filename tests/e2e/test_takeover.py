"""Listening sockets that pass from process to process: from a service manager (LISTEN_FDS), and by `run --replace`."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import BINARY, SLOWNESS, bearward_process, unix_connection
from frames import handshake, read_frame
from tokens import KEY_SET, SECRET, bearer, mint
from wire import connection

CONFIGURATION = """
version: 1
threads: 2
listen:
  - {address: "127.0.0.1:@port@", name: public}
  - {address: "unix:@directory@/app.sock", name: local}
admin: {address: "unix:@directory@/admin.sock"}
limits: {drain_timeout: 20s}
upstreams: {app: {servers: ["@http@"]}, sockets: {servers: ["@websocket@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
routes:
  - {prefix: /, name: public, auth: none, upstream: app}
  - {prefix: /app, name: app, providers: [main], upstream: app}
  - {prefix: /ws, name: ws, auth: none, upstream: sockets}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class running:
    """A process that is started by hand; its log is read by the test."""

    def __init__(self, directory, number, *arguments, **options):
        self.log_path = directory / f"log{number}"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([BINARY, "run", "-c", str(directory / "bearward.yaml"), *arguments], cwd=directory,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for(self, text):
        deadline = time.monotonic() + 20 * SLOWNESS
        while text not in self.log():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30 * SLOWNESS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture
def place(tmp_path, app, sockets):
    """A folder with the configuration, and its port."""
    port = free_port()
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    write(tmp_path, CONFIGURATION, port, app, sockets)
    return tmp_path, port


def write(directory, text, port, app, sockets):
    for name, value in {"@port@": str(port), "@directory@": str(directory), "@http@": app.address, "@websocket@": sockets.address}.items():
        text = text.replace(name, value)
    (directory / "bearward.yaml").write_text(text)


@pytest.fixture
def start(place):
    with contextlib.ExitStack() as stack:
        count = iter(range(100))

        def begin(*arguments, **options):
            process = running(place[0], next(count), *arguments, **options)
            stack.callback(process.stop)
            return process

        yield begin


def get(port, path="/", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10 * SLOWNESS)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def admin(directory, path, method="GET"):
    connection = unix_connection(str(directory / "admin.sock"))
    try:
        connection.request(method, path, headers={"Content-Type": "application/json"} if method == "POST" else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def passed(listening, names, **more):
    """Popen's options with which these sockets are descriptors 3, 4 ... and the variables say so."""
    def arrange():
        copies = [os.dup(each.fileno()) for each in listening]
        high = [os.dup2(copy, 100 + index) for index, copy in enumerate(copies)]
        for index, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + index, inheritable=True)

    environment = {**os.environ, "LISTEN_FDS": str(len(listening)), "LISTEN_FDNAMES": names, **more}
    return {"preexec_fn": arrange, "close_fds": False, "env": environment}


class through_shell(running):
    """LISTEN_PID is the process's own, which its parent can't know before."""

    def __init__(self, directory, options):
        self.log_path = directory / "log_passed"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0" run -c "$1"', BINARY, str(directory / "bearward.yaml")],
                                            cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)


@pytest.fixture
def start_with_sockets(place):
    with contextlib.ExitStack() as stack:
        def begin(listening, names):
            process = through_shell(place[0], passed(listening, names))
            stack.callback(process.stop)
            return process

        yield begin


def listening_socket(port=0):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen()
    return made


def test_sockets_of_a_service_manager_fit_by_name_or_address(place, start_with_sockets):
    directory, port = place
    with listening_socket() as elsewhere, socket.socket(socket.AF_UNIX) as local, socket.socket(socket.AF_UNIX) as operators:
        local.bind(str(directory / "app.sock"))
        operators.bind(str(directory / "operators.sock"))
        local.listen()
        operators.listen()
        waiting = http.client.HTTPConnection("127.0.0.1", elsewhere.getsockname()[1], timeout=10 * SLOWNESS)
        waiting.request("GET", "/before")  # waits in the queue until somebody accepts
        process = start_with_sockets([elsewhere, local, operators], "public:bearward.socket:admin")
        assert waiting.getresponse().status == 200
        waiting.close()
        process.wait_for("operators.sock")
        assert get(elsewhere.getsockname()[1]) == 200
        connection = unix_connection(str(directory / "app.sock"))
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        with pytest.raises(OSError):
            get(port)
        process.stop()
        assert (directory / "app.sock").exists() and (directory / "operators.sock").exists(), "the files are the service manager's"
        with socket.create_connection(elsewhere.getsockname(), timeout=10):
            pass  # and its queue goes on taking connections for the next one


@pytest.mark.parametrize("names, error", [
    ("unknown", "the inherited socket 'unknown' on 127.0.0.1:"), ("a:b", "LISTEN_FDNAMES has 2 names for 1 sockets"),
])
def test_a_socket_that_fits_no_listener_is_an_error(place, start_with_sockets, names, error):
    with listening_socket() as stray:
        process = start_with_sockets([stray], names)
        assert process.process.wait(20 * SLOWNESS) == 1
        assert error in process.log()


def test_a_socket_that_does_not_listen_is_an_error(place, start_with_sockets):
    with socket.socket() as idle:
        idle.bind(("127.0.0.1", 0))
        process = start_with_sockets([idle], "public")
        assert process.process.wait(20 * SLOWNESS) == 1
        assert "does not listen" in process.log()


def test_variables_of_another_process_do_not_count(place, start, monkeypatch):
    directory, port = place
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    process = start()
    process.wait_for("admin on")
    assert get(port) == 200


class load:
    """Requests on connections of their own and on ones that are kept, until it is stopped: what failed, and how many were fine."""

    RESTED = 0.15  # s; an idle connection may be closed at a drain, so what a slow machine sends later than this proves nothing

    def __init__(self, port, directory):
        self.failed, self.fine, self.over = [], 0, threading.Event()
        places = {"tcp": lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=20 * SLOWNESS), "unix": lambda: unix_connection(str(directory / "app.sock"))}
        self.threads = [threading.Thread(target=self.run, args=(kind, connect, kept)) for kind, connect in places.items() for kept in (False, True)]
        for each in self.threads:
            each.start()

    def run(self, kind, connect, kept):
        connection = None
        while not self.over.is_set():
            sent = None
            try:
                if connection is None:
                    connection = connect()
                    connection.connect()
                    rests_since = time.monotonic()
                connection.request("GET", "/load")
                sent = time.monotonic()
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                self.fine += 1
                rests_since = time.monotonic()
                if answer.will_close or not kept:
                    connection.close()
                    connection = None
            except Exception as failure:
                if connection.sock is None or (sent or time.monotonic()) - rests_since < self.RESTED:
                    self.failed.append((kind, "kept" if kept else "fresh", repr(failure)))
                connection.close()
                connection = None

    def stop(self):
        self.over.set()
        for each in self.threads:
            each.join()


def test_a_new_process_takes_the_listeners_over_under_load(place, start):
    directory, port = place
    processes = [start()]
    processes[0].wait_for("admin on")
    asking = load(port, directory)
    try:
        for _ in range(3):
            before = asking.fine
            processes.append(start("--replace"))
            processes[-1].wait_for("admin on")
            assert processes[-2].process.wait(30 * SLOWNESS) == 0
            assert "has taken the listeners over; draining" in processes[-2].log()
            deadline = time.monotonic() + 20 * SLOWNESS
            while asking.fine < before + 200:
                assert time.monotonic() < deadline
                time.sleep(0.01)
    finally:
        asking.stop()
    assert asking.failed == []
    status = json.loads(admin(directory, "/status")[1])
    assert {each["name"]: each["address"] for each in status["listeners"]} == {"public": f"127.0.0.1:{port}", "local": f"unix:{directory}/app.sock"}
    processes[-1].stop()
    assert not (directory / "app.sock").exists() and not (directory / "admin.sock").exists(), "the last one removes the files"


def test_what_is_open_ends_with_the_old_process(place, start, sockets):
    directory, port = place
    old = start()
    old.wait_for("admin on")
    wire = connection(f"127.0.0.1:{port}")
    wire.send(handshake("/ws"))
    assert wire.response().status == 101
    new = start("--replace")
    new.wait_for("admin on")
    opcode, payload = read_frame(wire)
    assert opcode == 8 and payload[:2] == (1001).to_bytes(2, "big")
    wire.socket.close()
    assert old.process.wait(30 * SLOWNESS) == 0
    assert get(port) == 200


def test_one_that_does_not_become_ready_changes_nothing(place, start, app, sockets):
    """Its new provider's keys can't be had."""
    directory, port = place
    old = start()
    old.wait_for("admin on")
    (directory / "bearward.yaml").write_text((directory / "bearward.yaml").read_text().replace(
        "routes:", '  other: {issuer: "https://other.test/", audiences: [widgets], algorithms: [RS256], keys: {jwks_url: "http://127.0.0.1:1/keys"}}\nroutes:\n'
        "  - {prefix: /other, name: other, providers: [other], upstream: app}"))
    new = start("--replace")
    assert new.process.wait(40 * SLOWNESS) == 1
    assert "provider other has no keys" in new.log()
    old.wait_for("the process that was to replace this one is not ready")
    assert get(port) == 200 and get(port, "/app", bearer(mint())) == 200
    assert admin(directory, "/readyz")[0] == 200
    assert (directory / "app.sock").exists()


def test_threads_and_listeners_may_differ(place, start, app, sockets):
    directory, port = place
    old = start()
    old.wait_for("admin on")
    more = free_port()
    write(directory, CONFIGURATION.replace("threads: 2", "threads: 1").replace(
        '  - {address: "unix:@directory@/app.sock", name: local}', f'  - {{address: "127.0.0.1:{more}", name: local}}'), port, app, sockets)
    new = start("--replace")
    new.wait_for("admin on")
    assert old.process.wait(30 * SLOWNESS) == 0
    assert [get(port) for _ in range(20)] == [200] * 20, "each of the sockets that were shared is accepted on"
    assert get(more) == 200
    assert not (directory / "app.sock").exists(), "nobody listens there any more"


def test_files_of_a_service_manager_stay_its_own(place, start, start_with_sockets):
    directory, port = place
    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(directory / "app.sock"))
        local.listen()
        old = start_with_sockets([local], "local")
        old.wait_for("admin on")
        new = start("--replace")
        new.wait_for("admin on")
        assert old.process.wait(30 * SLOWNESS) == 0
        assert get(port) == 200
        new.stop()
        assert (directory / "app.sock").exists() and not (directory / "admin.sock").exists()


def test_root_replaces_one_that_has_become_another_user(place, start, app, sockets):
    """Without root neither becomes another: the same user replaces itself."""
    directory, port = place
    write(directory, CONFIGURATION + "user: nobody\n", port, app, sockets)
    for path in (directory, *directory.parents):
        if path.owner() == "root" and path != pathlib.Path("/") and str(path).startswith("/tmp"):
            path.chmod(path.stat().st_mode | 0o755)
    (directory / "secret").chmod(0o644)
    old = start()
    old.wait_for("admin on")
    new = start("--replace")
    new.wait_for("admin on")
    assert old.process.wait(30 * SLOWNESS) == 0
    assert get(port) == 200


def test_a_signal_before_it_has_taken_over_leaves_the_old_one(place, start):
    """It comes while the new one waits for keys, which then come."""
    directory, port = place
    old = start()
    old.wait_for("admin on")
    with listening_socket() as keys:
        (directory / "bearward.yaml").write_text((directory / "bearward.yaml").read_text().replace(
            "routes:", f'  other: {{issuer: "https://other.test/", audiences: [widgets], algorithms: [RS256], keys: {{jwks_url: "http://127.0.0.1:{keys.getsockname()[1]}/"}}}}\n'
            "routes:\n  - {prefix: /other, name: other, providers: [other], upstream: app}"))
        new = start("--replace")
        keys.settimeout(20 * SLOWNESS)
        asking, _ = keys.accept()
        with asking:
            new.process.send_signal(signal.SIGTERM)
            asking.recv(65536)
            body = KEY_SET.encode()
            asking.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            assert new.process.wait(30 * SLOWNESS) == -signal.SIGTERM
    assert get(port) == 200 and old.process.poll() is None


@pytest.mark.parametrize("write_address, error", [
    ("127.0.0.1:0", "has to be a unix socket"), ("unix:@directory@/nobody.sock", "nothing answers"),
])
def test_without_a_running_one_it_does_not_start(place, start, app, sockets, write_address, error):
    directory, port = place
    write(directory, CONFIGURATION.replace("unix:@directory@/admin.sock", write_address), port, app, sockets)
    process = start("--replace")
    assert process.process.wait(20 * SLOWNESS) == 1
    assert error in process.log()
    with pytest.raises(OSError):
        get(port)


def test_another_user_gets_nothing(place, start):
    """Without root there is no other user to be, and the file of the socket keeps others out."""
    directory, port = place
    old = start()
    old.wait_for("admin on")
    for path in (directory, *directory.parents):
        if path.owner() == "root" and path != pathlib.Path("/") and str(path).startswith("/tmp"):
            path.chmod(path.stat().st_mode | 0o755)
    assert (directory / "admin.sock").stat().st_mode & 0o7 == 0
    if os.geteuid() != 0:
        return
    (directory / "admin.sock").chmod(0o666)
    (directory / "secret").chmod(0o644)
    new = start("--replace", user=65534, group=65534, extra_groups=[])
    assert new.process.wait(20 * SLOWNESS) == 1
    assert "403" in new.log()
    old.wait_for("which only the own user and root may have")
    assert get(port) == 200


def test_the_path_is_for_a_unix_socket_alone(tmp_path):
    port = free_port()
    process = bearward_process(tmp_path, CONFIGURATION.replace("@port@", "0").replace('"unix:@directory@/admin.sock"', f"127.0.0.1:{port}"),
                               admin=("127.0.0.1", port))
    try:
        assert process.admin("/takeover", "POST", {"Content-Type": "application/json"})[0] == 404
    finally:
        process.stop()


def test_another_one_is_refused_meanwhile(place, start):
    directory, port = place
    old = start()
    old.wait_for("admin on")
    first = unix_connection(str(directory / "admin.sock"))
    first.request("POST", "/takeover", headers={"Content-Type": "application/json"})
    assert first.sock.recv(15) == b"HTTP/1.1 200 OK"
    assert admin(directory, "/takeover", "POST")[0] == 409
    first.close()
    old.wait_for("is not ready: it has left; this one goes on")
    old.process.send_signal(signal.SIGTERM)
    assert old.process.wait(30 * SLOWNESS) == 0


def test_a_page_of_another_site_asks_for_nothing(place, start):
    directory, _ = place
    old = start()
    old.wait_for("admin on")
    connection = unix_connection(str(directory / "admin.sock"))
    connection.request("POST", "/takeover", headers={"Content-Type": "text/plain"})
    assert connection.getresponse().status == 403
    connection.close()

"""What a service manager learns: readiness, reloads, the end, signs of life (sd_notify(3))."""

import contextlib
import re
import select
import signal
import socket
import time

import pytest
from conftest import SLOWNESS, bearward_process

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
limits: {drain_delay: 1s, drain_timeout: 4s}
upstreams: {app: {servers: ["@http@"]}}
routes: [{prefix: /, auth: none, upstream: app}]
"""


class service_manager:
    """The socket that the process is given. Abstract, so that nothing is left."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("")
        self.address = "@" + self.socket.getsockname()[1:].decode()

    def next(self, seconds=10):
        readable, _, _ = select.select([self.socket], [], [], seconds * SLOWNESS)
        return self.socket.recv(4096).decode().split("\n") if readable else None

    def next_but_signs(self):
        while (message := self.next()) == ["WATCHDOG=1"]:
            pass
        return message


@pytest.fixture
def manager(monkeypatch):
    made = service_manager()
    monkeypatch.setenv("NOTIFY_SOCKET", made.address)
    yield made
    made.socket.close()


@pytest.fixture
def start(tmp_path):
    with contextlib.ExitStack() as stack:
        def begin(configuration=CONFIGURATION):
            process = bearward_process(tmp_path, configuration)
            stack.callback(process.stop)
            return process

        yield begin


def test_ready_comes_once_it_serves(manager, start):
    start()
    assert manager.next() == ["READY=1", "STATUS=serving"]
    assert manager.next(0.2) is None, "no sign of life is asked for"


def test_a_start_that_fails_is_never_ready(manager, start):
    with pytest.raises(AssertionError, match="ended with 1"):
        start(CONFIGURATION.replace("auth: none", "auth: nobody"))
    assert manager.next(0.2) is None


def test_a_reload_is_announced_and_ends_also_when_it_is_refused(manager, start):
    process = start()
    manager.next()
    for text, status in ((CONFIGURATION, "serving; reloaded"), ("nonsense", "serving with the old configuration: a reload was refused")):
        process.configuration.write_text(text.replace("@directory@", str(process.directory)).replace("@http@", "127.0.0.1:1"))
        process.process.send_signal(signal.SIGHUP)
        begun = manager.next()
        assert begun[0] == "RELOADING=1" and begun[2] == "STATUS=reloading"
        at = int(re.fullmatch(r"MONOTONIC_USEC=(\d+)", begun[1])[1])
        assert abs(time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1000 - at) < 20e6 * SLOWNESS
        assert manager.next() == ["READY=1", "STATUS=" + status]
        while manager.next(2) is not None:  # the change may have been seen beside the signal
            pass


def test_its_end_is_announced_with_the_time_that_it_may_take(manager, start):
    process = start()
    manager.next()
    process.process.send_signal(signal.SIGTERM)
    assert manager.next() == ["STOPPING=1", "EXTEND_TIMEOUT_USEC=15000000", "STATUS=draining"]
    assert process.process.wait(30 * SLOWNESS) == 0


def test_signs_of_life_come_while_it_is_alive_and_no_others(manager, start, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    process = start()
    assert manager.next()[0] == "READY=1"
    for _ in range(3):
        assert manager.next() == ["WATCHDOG=1"]
    process.process.send_signal(signal.SIGSTOP)
    while manager.next(1) is not None:  # what was under way
        pass
    process.process.send_signal(signal.SIGCONT)
    assert manager.next() == ["WATCHDOG=1"]
    process.process.send_signal(signal.SIGTERM)
    assert manager.next_but_signs()[0] == "STOPPING=1"


def test_signs_of_life_for_another_process_are_not_sent(manager, start, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    start()
    assert manager.next()[0] == "READY=1"
    assert manager.next(1) is None

"""Hours of mixed traffic in minutes: memory and descriptors stand still. Run by tests/nightly.sh; BEARWARD_SOAK_SECONDS says how long."""

import os
import random
import signal
import threading
import time

import pytest
from frames import frame, handshake, read_frame
from tokens import bearer, mint

SECONDS = int(os.environ.get("BEARWARD_SOAK_SECONDS", "300"))


@pytest.fixture(autouse=True)
def time_limit():
    """Instead of the usual one: as long as told, and a minute."""
    def give_up(*_):
        raise TimeoutError("the soak ran too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS + 60)
    yield
    signal.alarm(0)


def test_soak(bearward, app, sockets):
    stop = threading.Event()
    failures = []
    done = [0]

    def plain(dice):
        assert bearward.fetch("POST", "/app", headers=bearer(mint()), body=bytes(dice.randrange(100000))).status == 200

    def refused(_):
        assert bearward.fetch(target="/app").status == 401

    def cut_off(dice):
        with bearward.connect() as wire:
            wire.send(b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nAuthorization: Bearer %s\r\n\r\n" % mint().encode() + bytes(dice.randrange(999)))

    def malformed(dice):
        with bearward.connect() as wire:
            wire.send(dice.randbytes(200) + b"\r\n\r\n")
            wire.rest()

    def socket(dice):
        with bearward.connect() as wire:
            wire.send(handshake("/ws", bearer(mint()).items()))
            assert wire.response().status == 101
            for _ in range(dice.randrange(5)):
                wire.send(frame(2, b"x" * 1000))
                assert read_frame(wire)[1] == b"x" * 1000

    def work(seed):
        dice = random.Random(seed)
        while not stop.is_set():
            try:
                dice.choice([plain, plain, refused, cut_off, malformed, socket])(dice)
                done[0] += 1
            except Exception as error:  # the test reports what failed in a thread
                failures.append(repr(error))
                stop.set()
            app.requests.clear()
            app.heads.clear()
            sockets.messages.clear()

    def descriptors():
        return len(os.listdir(f"/proc/{bearward.pid}/fd"))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    stop.wait(SECONDS * 0.2)
    memory, files = bearward.memory(), descriptors()
    stop.wait(SECONDS * 0.8)
    stop.set()
    for thread in threads:
        thread.join(20)
    time.sleep(2)
    assert failures == []
    assert done[0] > SECONDS
    assert bearward.memory() - memory < 16 << 20
    assert descriptors() <= files + 16

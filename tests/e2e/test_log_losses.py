"""Log lines that can't be written: counted by cause, said later, and nobody waits for them."""

import json
import os
import re
import subprocess
import time

import pytest
from conftest import BINARY, SLOWNESS

CONFIGURATION = """
version: 1
threads: 1
listen: [{{address: 127.0.0.1:0, name: public}}]
admin: {{address: "unix:@directory@/admin.sock"}}
log: {{output: "{output}"}}
upstreams: {{app: {{servers: ["@http@"]}}}}
routes: [{{prefix: /, upstream: app, auth: none}}]
"""


def lost(process):
    text = process.admin("/metrics")[1]
    return {reason: float(value) for reason, value in re.findall(r'^bearward_log_lines_lost_total\{reason="(\w+)"\} (\S+)', text, re.MULTILINE)}


def eventually(condition):
    deadline = time.monotonic() + 10 * SLOWNESS
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def test_every_reason_is_there_from_the_start(bearward_of):
    process = bearward_of("@directory@/file.log")
    assert lost(process) == {"write_failed": 0, "stalled": 0, "queue_full": 0}


def test_lines_for_a_full_disk_are_counted_and_requests_are_served(bearward_of, app):
    process = bearward_of("/dev/full")
    for _ in range(20):
        assert process.fetch(target="/x").status == 200
    eventually(lambda: lost(process)["write_failed"] >= 20)
    assert lost(process)["stalled"] == lost(process)["queue_full"] == 0


@pytest.fixture
def bearward_of(start):
    return lambda output: start(CONFIGURATION.format(output=output))


def test_an_output_that_nobody_reads_holds_no_request_and_is_told_once_it_is_read(tmp_path, http_upstream):
    read, write = os.pipe()
    directory = tmp_path
    text = CONFIGURATION.format(output="stderr").replace("@directory@", str(directory)).replace("@http@", http_upstream.address)
    (directory / "bearward.yaml").write_text(text.replace("127.0.0.1:0", f"unix:{directory}/public.sock"))
    process = subprocess.Popen([BINARY, "-c", "bearward.yaml"], cwd=directory, stderr=write, stdin=subprocess.DEVNULL)
    os.close(write)
    try:
        eventually(lambda: (directory / "public.sock").exists())

        def request():
            made = subprocess.run(["curl", "-s", "-o", "/dev/null", "-m", "5", "-w", "%{http_code}", "--unix-socket", str(directory / "public.sock"),
                                   "http://a/" + "x" * 8000 + "?[1-50]"], capture_output=True, text=True, check=False)
            return made.stdout

        def metric():
            made = subprocess.run(["curl", "-s", "-m", "5", "--unix-socket", str(directory / "admin.sock"), "http://localhost/metrics"],
                                  capture_output=True, text=True, check=False)
            return sum(map(float, re.findall(r"^bearward_log_lines_lost_total\S* (\S+)", made.stdout, re.MULTILINE)))

        for _ in range(4):
            assert request() == "200" * 50
        eventually(lambda: metric() > 0)
        seen = b""
        os.set_blocking(read, False)
        deadline = time.monotonic() + 20 * SLOWNESS
        while b"log lines were lost" not in seen and time.monotonic() < deadline:
            try:
                seen += os.read(read, 65536)
            except BlockingIOError:
                time.sleep(0.05)
        lines = [line for line in seen.split(b"\n") if line]
        assert any(b"log lines were lost" in line for line in lines)
        for line in lines[:-1]:
            json.loads(line)
    finally:
        process.terminate()
        process.wait(20)
        os.close(read)

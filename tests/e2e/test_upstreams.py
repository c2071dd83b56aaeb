"""Several servers behind one upstream: processes that are killed and started again under load."""

import collections
import json
import subprocess
import sys
import threading
import time

import pytest

import conftest
import wire

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = sys.argv[1].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass

class server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

made = server(("127.0.0.1", int(sys.argv[2])), handler)
print(made.server_port, flush=True)
made.serve_forever()
"""

CONFIGURATION = """
version: 1
threads: 2
listen: [{address: 127.0.0.1:0, name: public}]
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: [@http@], @more@}}
routes: [{prefix: /, upstream: app, auth: none}]
log: {access: off}
"""


class app_process:
    """An app of its own process, that can be killed and started again on the same port."""

    def __init__(self, name):
        self.name = name
        self.port = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-c", SERVER, self.name, str(self.port)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.address = f"127.0.0.1:{self.port}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def apps():
    started = [app_process("a"), app_process("b")]
    yield started
    for each in started:
        if each.process.returncode is None:
            each.kill()


class load:
    """Clients in threads, each with one request at a time, that count what they get."""

    def __init__(self, address, clients):
        self.address = address
        self.stopped = False
        self.outcomes = [collections.Counter() for _ in range(clients)]
        self.threads = [threading.Thread(target=self.run, args=(mine, number)) for number, mine in enumerate(self.outcomes)]
        for thread in self.threads:
            thread.start()

    def run(self, mine, number):
        request = wire.request("GET", "/") if number % 2 else wire.request("POST", "/", body=b"abc")
        client = wire.connection(self.address)
        while not self.stopped:
            client.send(request)
            head = client.until(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            body = client.exactly(int(fields["Content-Length"]))
            status = int(head.split(b" ")[1])
            mine[body.decode() if status == 200 else status] += 1
            if fields.get("Connection") == "close":
                client.socket.close()
                client = wire.connection(self.address)
        client.socket.close()

    def total(self, outcome=None):
        return sum(count for mine in self.outcomes for name, count in list(mine.items()) if outcome in (None, name))

    def wait_for(self, more, outcome=None):
        wanted = self.total(outcome) + more
        deadline = time.monotonic() + 15 * conftest.SLOWNESS
        while self.total(outcome) < wanted:
            assert time.monotonic() < deadline, f"{outcome}: {self.outcomes}"
            time.sleep(0.01)

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join(15)
            assert not thread.is_alive()
        return self.outcomes


def run_under_load(process, work):
    clients = load(process.address, 8)
    try:
        work(clients)
    finally:
        clients.stop()
    return clients.outcomes


def health(process, upstream="app"):
    status = json.loads(process.admin("/status")[1])
    return {server["address"]: server["healthy"] for server in status["upstreams"][upstream]["servers"]}


def wait_for_health(process, address, wanted):
    deadline = time.monotonic() + 15 * conftest.SLOWNESS
    while health(process)[address] != wanted:
        assert time.monotonic() < deadline, health(process)
        time.sleep(0.05)


def test_one_of_two_is_killed_and_comes_back(start, apps):
    checks = "health_check: {path: /, interval: 200ms, timeout: 2s, healthy: 1, unhealthy: 2}"
    process = start(CONFIGURATION.replace("@more@", checks), http=f'"{apps[0].address}", "{apps[1].address}"')
    assert health(process) == {apps[0].address: True, apps[1].address: True}

    def work(clients):
        clients.wait_for(50, "a")
        clients.wait_for(50, "b")
        apps[0].kill()
        clients.wait_for(500, "b")
        wait_for_health(process, apps[0].address, False)
        status = json.loads(process.admin("/status")[1])
        reason = status["upstreams"]["app"]["servers"][0]["last_error"]
        assert reason == f"health check: connect {apps[0].address}: Connection refused"
        assert f"server {apps[0].address} is unhealthy: health check: " in process.log()
        apps[0].start()
        wait_for_health(process, apps[0].address, True)
        clients.wait_for(50, "a")

    for mine in run_under_load(process, work):
        assert mine[502] <= 2, "one in flight, and one that the dying process's accept queue took"
        assert set(mine) <= {"a", "b", 502}


def test_the_only_one_is_killed_and_restarted_and_only_requests_in_flight_fail(start, apps):
    process = start(CONFIGURATION.replace("@more@", "connect_timeout: 20s"), http=f'"{apps[0].address}"')

    def work(clients):
        clients.wait_for(100)
        apps[0].kill()
        apps[0].start()
        clients.wait_for(500, "a")

    for mine in run_under_load(process, work):
        assert mine[502] <= 2, "one in flight, and one that the dying process's accept queue took"
        assert set(mine) <= {"a", 502}


def test_without_a_server_it_is_502_and_service_is_back_with_it(start, apps):
    process = start(CONFIGURATION.replace("@more@", "connect_timeout: 300ms"), http=f'"{apps[0].address}"')

    def work(clients):
        clients.wait_for(100)
        apps[0].kill()
        clients.wait_for(100, 502)
        apps[0].start()
        time.sleep(1)
        failures = clients.total(502)
        clients.wait_for(200, "a")
        assert clients.total(502) == failures

    for mine in run_under_load(process, work):
        assert set(mine) <= {"a", 502}
    assert health(process) == {apps[0].address: None}

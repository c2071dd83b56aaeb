"""Real servers for the tests: uvicorn, nginx and Node's http server, each in a process of its own, and Bearward in front of all three."""

import hashlib
import os
import pathlib
import socket
import subprocess
import time

from conftest import SLOWNESS, bearward_process

HERE = pathlib.Path(__file__).parent
MIB = 1 << 20
# Of the large bodies: CI has 256 MiB, tests/nightly.sh a GiB.
LARGE = int(os.environ.get("BEARWARD_LARGE_MIB", 256 // SLOWNESS)) * MIB
BLOCK = 65536
PATTERN = bytes(range(256)) * (BLOCK // 256)
# Debian's own node looks there by itself.
NODE_ENVIRONMENT = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}

CONFIGURATION = """
version: 1
threads: 2
listen: [{{address: 127.0.0.1:0, name: public}}]
admin: {{address: "unix:@directory@/admin.sock"}}
upstreams:
  node: {{servers: ["{node}"]}}
  uvicorn: {{servers: ["{uvicorn}"]}}
  nginx: {{servers: ["{nginx}"]}}
providers:
  main: {{type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {{secret: {{file: secret}}}}}}
routes:
  - {{prefix: /node, upstream: node, providers: [main]}}
  - {{prefix: /uvicorn, upstream: uvicorn, providers: [main]}}
  - {{prefix: /nginx, upstream: nginx, providers: [main]}}
log: {{access: off}}
"""


def blocks(size):
    """Bytes that don't repeat; node_app.js and asgi_app.py make the same."""
    for number in range(-(-size // BLOCK)):
        yield (number.to_bytes(8, "big") + PATTERN[8:])[:min(BLOCK, size - number * BLOCK)]


def digest_of(size):
    digest = hashlib.md5()
    for block in blocks(size):
        digest.update(block)
    return digest.hexdigest()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    deadline = time.monotonic() + 20 * SLOWNESS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, f"ended with {process.returncode}"
            assert time.monotonic() < deadline, "does not listen"
            time.sleep(0.05)


def start_node(port=0):
    process = subprocess.Popen(["node", str(HERE / "node_app.js"), str(port)], stdout=subprocess.PIPE, env=NODE_ENVIRONMENT)
    return process, f"127.0.0.1:{int(process.stdout.readline())}"


def start_uvicorn():
    port = free_port()
    process = subprocess.Popen(
        ["/usr/bin/python3", "-m", "uvicorn", "asgi_app:app", "--port", str(port), "--log-level", "warning", "--timeout-keep-alive", "60",
         "--ws-max-size", str(64 * MIB)], cwd=HERE)
    wait_for_port(port, process)
    return process, f"127.0.0.1:{port}"


def start_nginx(directory):
    (directory / "root/nginx").mkdir(parents=True, exist_ok=True)
    (directory / "root/body.txt").write_text("body with trailers")
    directory.chmod(0o755)
    port = free_port()
    text = (HERE / "nginx.conf").read_text().replace("@directory@", str(directory)).replace("@port@", str(port))
    (directory / "nginx.conf").write_text(text)
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(directory / "nginx.conf"), "-p", str(directory), "-e", str(directory / "nginx-error.log")])
    wait_for_port(port, process)
    return process, f"127.0.0.1:{port}"


class stage:
    """The three servers, and Bearward in front: proxy.url + "/node/echo" and so on."""

    def __init__(self, directory):
        self.processes = []
        addresses = {}
        try:
            for name, start in (("node", start_node), ("uvicorn", start_uvicorn), ("nginx", lambda: start_nginx(directory / "nginx"))):
                process, addresses[name] = start()
                self.processes.append(process)
            self.proxy = bearward_process(directory / "bearward", CONFIGURATION.format(**addresses))
        except BaseException:
            self.end()
            raise

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def open_stage(tmp_path_factory):
    """For a fixture: `yield from open_stage(tmp_path_factory)`."""
    directory = tmp_path_factory.mktemp("peers")
    (directory / "nginx").mkdir()
    opened = stage(directory)
    try:
        yield opened.proxy
        opened.proxy.stop()
    finally:
        opened.end()

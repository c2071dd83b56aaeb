"""What the tests of images and pods share: loopback ports, requests, containers, and waiting for them."""

import http.client
import http.server
import os
import pathlib
import socket
import subprocess
import threading
import time

SLOWNESS = int(os.environ.get("BEARWARD_SLOWNESS", "1"))


def free_ports(number):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def ask(port, path="/", method="GET", headers=None, body=None, timeout=10):
    """(status, body) of a server on loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def status(port, path="/", **named):
    """The status, or None where nothing answers."""
    try:
        return ask(port, path, **named)[0]
    except (OSError, http.client.HTTPException):
        return None


def wait_until(condition, what, seconds=30, pause=0.05):
    deadline = time.monotonic() + seconds * SLOWNESS
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not in time: {what}")
        time.sleep(pause)
    return found


def run(*command, check=True, given="", **named):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120 * SLOWNESS, input=given, **named)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def podman(*arguments, **named):
    return run("podman", *map(str, arguments), **named)


def pid_of(container):
    return int(podman("inspect", "--format", "{{.State.Pid}}", container).stdout)


def process_status(pid):
    """The fields of /proc/PID/status; sizes in bytes."""
    found = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        value = value.strip()
        found[name] = int(value.split()[0]) * 1024 if value.endswith(" kB") else value
    return found


class echoing_app:
    """An app on loopback that answers with the headers that it got."""

    def __init__(self):
        class handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = "".join(f"{name.lower()}: {value}\n" for name, value in self.headers.items()).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def all_tests(names):
    """Runs the functions whose name begins with test_, in order; each says how it went."""
    for name, function in list(names.items()):
        if name.startswith("test_"):
            begun = time.monotonic()
            said = function()
            print(f"ok  {name.removeprefix('test_').replace('_', ' ')} ({time.monotonic() - begun:.1f} s){': ' + said if said else ''}", flush=True)

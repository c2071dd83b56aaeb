"""The apps of deploy/examples that are run: each behind Bearward with its own configuration, and the lines of its page."""

import json
import os
import re
import select
import signal
import socket
import subprocess

import pytest
from conftest import BINARY, ROOT, SLOWNESS, bearward_process
from peers import NODE_ENVIRONMENT
from relay import recording_relay
from tokens import SECRET, bearer, mint, minted, tampered

EXAMPLES = ROOT / "deploy/examples"
ADMIN = 'admin: {address: "unix:@directory@/admin.sock"}\n'
CHALLENGE = 'Bearer realm="bearward"'


def start_django(directory):
    # The socket is made here, so that no other process can take its port and nobody has to wait for it.
    with socket.create_server(("127.0.0.1", 0)) as listener, open(directory / "app.log", "wb") as log:
        process = subprocess.Popen(
            ["/usr/bin/gunicorn", "--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread", "--threads", "4", "--worker-tmp-dir", str(directory), "app"],
            cwd=EXAMPLES / "django", pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        return process, listener.getsockname()[1]


def start_express(directory):
    with open(directory / "app.log", "wb") as log:
        process = subprocess.Popen(
            ["node", "app.js"], cwd=EXAMPLES / "express", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env={**NODE_ENVIRONMENT, "PORT": "0"})
    readable, _, _ = select.select([process.stdout], [], [], 30 * SLOWNESS)
    said = re.fullmatch(rb"listening on 127\.0\.0\.1:(\d+)\n", process.stdout.readline() if readable else b"")
    if not said:
        end(process)
        raise AssertionError((directory / "app.log").read_text())
    return process, int(said[1])


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


STARTS = {"django": (start_django, "127.0.0.1:8000"), "express": (start_express, "127.0.0.1:3000")}


class stage:
    """An example's app, what reached it, and Bearward in front."""

    def __init__(self, name, directory):
        self.name = name
        start, address = STARTS[name]
        text = (EXAMPLES / name / "bearward.yaml").read_text()
        for written, used in (('{address: "0.0.0.0:8080", name: public}', "{address: 127.0.0.1:0, name: public}"), (address, "@http@")):
            assert text.count(written) == 1
            text = text.replace(written, used)
        self.process, port = start(directory)
        try:
            self.relay = recording_relay(port)
            self.bearward = bearward_process(directory / "proxy", text + ADMIN, http=self.relay.address, files={"jwt-secret": SECRET.decode()})
        except BaseException:
            self.stop()
            raise

    def stop(self):
        try:
            if hasattr(self, "bearward"):
                self.bearward.stop()
        finally:
            end(self.process)
            if hasattr(self, "relay"):
                self.relay.stop()

    def path(self, path):
        """As this app's own routes end."""
        return path + "/" if self.name == "django" else path

    def fetch(self, path, token=None, headers=(), method="GET"):
        return self.bearward.fetch(method, path, [*headers, *(bearer(token) if token else {}).items()])

    def said(self, path, token=None, headers=()):
        answer = self.fetch(self.path(path), token, headers)
        assert answer.status == 200, answer
        return json.loads(answer.body)


@pytest.fixture(scope="module", params=STARTS)
def running(request, tmp_path_factory):
    started = stage(request.param, tmp_path_factory.mktemp(request.param))
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def nothing_yet(running):
    running.relay.forget()


def token(**changes):
    return mint(**{"iss": "https://id.example.com/", "aud": "widgets-api", "sub": "ada", "tid": "acme", "roles": ["user"], "scope": None, **changes})


def assert_refused(running, answer, status, detail, challenge):
    assert (answer.status, json.loads(answer.body), answer.get("WWW-Authenticate")) == (status, {"detail": detail}, challenge)
    assert running.relay.received == b""


def test_the_app_receives_who_asks_and_no_token(running):
    sent = token()
    assert running.said("/me", sent) == {"user": "ada", "tenant": "acme", "roles": ["user"], "scopes": []}
    assert b"\r\nX-User-Id: ada\r\n" in running.relay.received and sent.encode() not in running.relay.received


def test_it_decodes_what_is_encoded(running):
    user, roles = "Zoë Müller, 100% 🦊", ["a,admin", "ü b", "user"]
    assert running.said("/me", token(sub=user, tid="ac me", roles=roles, scope="read write%20all")) == {
        "user": user, "tenant": "ac me", "roles": roles, "scopes": ["read", "write%20all"]}


@pytest.mark.parametrize("path", ["/me", "/tenants/acme/widgets", "/admin/dashboard", "/nowhere"])
def test_without_a_good_token_it_is_401(running, path):
    assert_refused(running, running.fetch(running.path(path)), 401, "Not authenticated", CHALLENGE)
    invalid = CHALLENGE + ', error="invalid_token", error_description="The token is not valid"'
    for bad in ("x.y.z", tampered(token(), roles=["admin"]), token(aud="other"), token(iss="https://elsewhere.example.com/")):
        assert_refused(running, running.fetch(running.path(path), bad), 401, "Could not validate credentials", invalid)


def test_tenants_see_what_is_theirs(running):
    assert running.said("/tenants/acme/widgets", token()) == {"tenant": "acme", "widgets": ["anvil", "rocket"]}
    running.relay.forget()
    for sent in (token(tid="globex"), token(tid=None), token(tid="globex", roles=["admin"])):
        answer = running.fetch(running.path("/tenants/acme/widgets"), sent, [("X-Tenant-Id", "acme")])
        assert_refused(running, answer, 403, "Not enough permissions", CHALLENGE + ', error="insufficient_scope"')


def test_administrators_alone_administrate(running):
    assert running.said("/admin/dashboard", token(sub="root", roles=["user", "admin"])) == {"dashboard": "root"}
    running.relay.forget()
    answer = running.fetch(running.path("/admin/dashboard"), token(), [("X-User-Roles", "admin")])
    assert_refused(running, answer, 403, "Not enough permissions", CHALLENGE + ', error="insufficient_scope"')


SPELLINGS = [
    "/admin/dashboard", "/admin/dashboard/", "/admin", "/%61dmin/dashboard/", "/x/../admin/dashboard/", "/hello/%2e%2e/admin/dashboard/", "//admin/dashboard/", "/./admin/dashboard/",
    "/admin//dashboard/", "/admin%2Fdashboard/", "/admin;x/dashboard/", "/admin\\dashboard/", "http://api.test/admin/dashboard/",
]
CASES = ["/ADMIN/dashboard/", "/Admin/Dashboard", "/%41dmin/dashboard/", "/aDMIN"]


@pytest.mark.parametrize("spelling", SPELLINGS + CASES)
def test_no_spelling_of_the_path_opens_it(running, spelling):
    answer = running.fetch(spelling, token())
    if running.name == "django" and spelling in CASES:
        # Another path, to Django as to Bearward.
        assert answer.status == 404 and b'"dashboard"' not in answer.body
    else:
        assert answer.status in (400, 403) and answer.get("X-Request-Id") and running.relay.received == b""


def test_what_the_router_takes_for_the_path_is_open_to_administrators(running):
    spelling = {"django": "/x/../%61dmin/./dashboard/", "express": "/ADMIN/Dashboard/"}[running.name]
    answer = running.fetch(spelling, token(sub="root", roles=["admin"]))
    assert (answer.status, json.loads(answer.body)) == (200, {"dashboard": "root"})


SPOOFED = [(name, "root") for name in ("X-User-Id", "x-user-id", "X_User_Id", "X.User.Id", "X_User-Id", "X-Tenant-Id", "X-User-Roles", "X_User_Roles", "X-User-Scopes", "X_User_Scopes")]


def test_nobody_names_themselves(running):
    assert running.said("/hello", headers=SPOOFED) == {"hello": "stranger"}
    assert running.said("/hello", token(), SPOOFED) == {"hello": "ada"}
    assert running.said("/me", token(tid=None, roles=[]), SPOOFED) == {"user": "ada", "tenant": "", "roles": [], "scopes": []}
    assert b"root" not in running.relay.received


def test_health_is_public(running):
    assert running.said("/healthz") == {"status": "ok"}
    running.relay.forget()
    assert running.fetch(running.path("/healthz"), method="POST").status == 405 and running.relay.received == b""


def test_the_lines_of_its_page(running, tmp_path):
    block = re.search(r"^```sh\n(.*?)^```$", (EXAMPLES / running.name / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    lines = [line for line in block.splitlines() if line]
    tried = [line.split("# -> ") for line in lines if "# -> " in line]
    made = [line for line in lines if re.match(r"mint\(\)|\w+=\$\(mint ", line)]
    assert len(tried) >= 9 and len(made) == 3
    # The other lines install and start what runs here already.
    assert [line.split()[0] for line in lines if line not in made and "# -> " not in line] == [
        "apt-get", {"django": "gunicorn", "express": "node"}[running.name], "head", "bearward", "bearward"]
    (tmp_path / "jwt-secret").write_bytes(SECRET)

    def run(script, **variables):
        done = subprocess.run(["bash", "-c", f'set -euo pipefail\nbearward() {{ "{BINARY}" "$@"; }}\n' + script], cwd=tmp_path, env={**os.environ, **variables},
                              capture_output=True, text=True, timeout=20 * SLOWNESS)
        assert done.returncode == 0, done.stderr
        return done.stdout

    ada, root = run("\n".join(made) + '\necho "$ada $root"').split()
    minted.update((ada, root))
    for command, expected in tried:
        answer = run(command.replace("http://localhost:8080", running.bearward.url), ada=ada, root=root)
        status, body = expected.strip().split(" ", 1)
        assert answer.startswith(f"HTTP/1.1 {status} ") and answer.endswith(body), (command, answer)

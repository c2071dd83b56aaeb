"""The app of deploy/examples/fastapi as a process, its policy, and tokens of its own login."""

import json
import os
import pathlib
import select
import subprocess
import sys
import time
import urllib.parse

from conftest import ROOT, SLOWNESS
from jose import jwt
from tokens import SECRET, minted

EXAMPLE = ROOT / "deploy/examples/fastapi"
ADDRESSES = (  # in the policy, in a test
    ('{address: "0.0.0.0:8080", name: public}', "{address: 127.0.0.1:0, name: public}"),
    ("127.0.0.1:8000", "@http@"),
)
ADMIN = 'admin: {address: "unix:@directory@/admin.sock"}\n'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def example(*changes):
    """The policy with the addresses of a test and, if any, these pairs of texts exchanged."""
    text = (ROOT / "config/examples/fastapi.yaml").read_text()
    for written, used in (*ADDRESSES, *changes):
        assert text.count(written) == 1, written
        text = text.replace(written, used)
    return text + ADMIN


class fastapi_process:
    """The app under uvicorn, and what it received."""

    def __init__(self, directory, **environment):
        directory.mkdir(parents=True, exist_ok=True)
        self.record = directory / "record"
        self.record.touch()
        self.start = 0
        environment = {**os.environ, "SECRET_KEY": SECRET.decode(), "RECORD": str(self.record), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        self.log = directory / "log"
        # Another Python has other versions of the frameworks.
        command = [os.environ.get("BEARWARD_APP_PYTHON", sys.executable), pathlib.Path(__file__).with_name("fastapi_app.py")]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        readable, _, _ = select.select([self.process.stdout], [], [], 60 * SLOWNESS)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            self.stop()
            raise AssertionError(f"the app does not start:\n{self.log.read_text()}")
        self.address = f"127.0.0.1:{int(line)}"

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def forget(self):
        self.start = self.record.stat().st_size

    def seen(self):
        with open(self.record, "rb") as file:
            file.seek(self.start)
            return [json.loads(line) for line in file]

    def last(self):
        return self.seen()[-1]

    def log_line(self, part):
        """The line with this in it: it is written a moment after the answer."""
        deadline = time.monotonic() + 10 * SLOWNESS
        while not (lines := [line for line in self.log.read_text().splitlines() if part in line]):
            assert time.monotonic() < deadline, f"no {part!r}:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)
        assert len(lines) == 1, lines
        return lines[0]


def header(request, name):
    values = [value for key, value in request["headers"] if key == name]
    assert len(values) <= 1, f"{name} more than once: {values}"
    return values[0] if values else None


def log_in(bearward, name):
    """(access token, refresh token) from the app's own login."""
    form = urllib.parse.urlencode({"grant_type": "password", "username": name + "@example.com", "password": name + "'s password"})
    answer = bearward.fetch("POST", "/token", headers=FORM, body=form.encode())
    assert answer.status == 200, answer
    pair = json.loads(answer.body)
    assert pair["token_type"] == "bearer"
    minted.update((pair["access_token"], pair["refresh_token"]))
    return pair["access_token"], pair["refresh_token"]


def mint(**changes):
    """A token as python-jose makes it in apps; None leaves a claim out."""
    now = int(time.time())
    claims = {"sub": "ann@example.com", "tid": "acme", "aud": "widgets-api", "type": "access", "roles": ["user"], "iat": now, "exp": now + 600, **changes}
    token = jwt.encode({name: value for name, value in claims.items() if value is not None}, SECRET.decode(), algorithm="HS256")
    minted.add(token)
    return token

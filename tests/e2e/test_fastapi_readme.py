"""The README of the FastAPI example is run as it stands there: from nothing to a protected app."""

import os
import re
import signal
import subprocess
import tempfile

import pytest
from conftest import BINARY, ROOT, SLOWNESS
from fastapi_process import EXAMPLE
from redis_server import free_port

README = (EXAMPLE / "README.md").read_text()
POLICY = "config/examples/fastapi.yaml"


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_its_packages_are_those_that_the_tests_use():
    named = set(re.findall(r"[a-z0-9-]+\d*", blocks()[0])) - {"apt-get", "install", "--no-install-recommends"}
    listed = subprocess.run([ROOT / "deploy/install_packages.sh", "--list", "test"], capture_output=True, text=True, check=True).stdout.split()
    assert named <= set(listed) and {"python3-fastapi", "postgresql-15"} <= named


@pytest.fixture
def folder():
    """Where the user postgres gets to."""
    with tempfile.TemporaryDirectory(prefix="bearward-") as directory:
        os.chmod(directory, 0o755)
        yield directory


def test_its_blocks_lead_to_a_protected_app(tmp_path, folder):
    signal.alarm(90 * SLOWNESS)
    app, public = free_port(), free_port()
    policy = (ROOT / POLICY).read_text()
    for written, used in (("0.0.0.0:8080", f"127.0.0.1:{public}"), ("127.0.0.1:8000", f"127.0.0.1:{app}")):
        assert policy.count(written) == 1
        policy = policy.replace(written, used)
    (tmp_path / "bearward.yaml").write_text(policy + f'admin: {{address: "unix:{tmp_path}/admin.sock"}}\n')

    _, start, attempts, end = blocks()
    tried = [line.split("# -> ") for line in attempts.splitlines() if "# -> " in line]
    assert len(tried) >= 11
    answers = [tmp_path / f"answer-{number}" for number in range(len(tried))]
    for (command, expected), answer in zip(tried, answers):
        line = f"{command}# -> {expected}"
        assert attempts.count(line) == 1
        attempts = attempts.replace(line, f"{command} >{answer}")
    script = "\n".join([f'set -euo pipefail\nset -m\nbearward() {{ "{BINARY}" "$@"; }}', "trap 'kill %1 %2; wait' ERR", start, attempts, "trap - ERR", end])
    for written, used in ((POLICY, str(tmp_path / "bearward.yaml")), ("localhost:8080", f"127.0.0.1:{public}"), ("--port 8000", f"--port {app}"),
                          ("/tmp/widgets-", folder + "/widgets-")):
        assert written in script
        script = script.replace(written, used)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with open(tmp_path / "output", "w+") as output:
        try:
            done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  timeout=80 * SLOWNESS)
        finally:
            if os.path.exists(folder + "/widgets-database/data/postmaster.pid"):
                subprocess.run([EXAMPLE / "database.sh", "stop", folder + "/widgets-database"], check=False)
        output.seek(0)
        said = output.read()
    assert done.returncode == 0, said
    for (command, expected), answer in zip(tried, answers):
        status, _, body = expected.partition(" ")
        head, _, content = answer.read_bytes().decode().rpartition("\r\n\r\n")
        assert f"HTTP/1.1 {status} " in head and (not body or content == body), (command, expected, head, content)
    assert os.listdir(folder) == [], "it leaves nothing behind"

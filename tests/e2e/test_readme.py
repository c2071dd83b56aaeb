"""The README's worked example is run as it stands there, and its links lead somewhere."""

import re
import subprocess

import pytest
from conftest import BINARY, ROOT, SLOWNESS

README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_worked_example(start, app, tmp_path):
    configuration = next(block for block in blocks("yaml") if block.startswith("# bearward.yaml"))
    commands = next(block for block in blocks("sh") if "token mint" in block).splitlines()
    folder = tmp_path / "proxy-0"  # where the first proxy of `start` lives
    folder.mkdir()

    # Addresses are those of this run; nothing else is changed.
    for written, used in (("0.0.0.0:8080", "127.0.0.1:0"), ("127.0.0.1:8000", app.address)):
        assert configuration.count(written) == 1
        configuration = configuration.replace(written, used)
    configuration = configuration.replace("- address: 127.0.0.1:0", "- {address: 127.0.0.1:0, name: public}")
    configuration += 'admin: {address: "unix:@directory@/admin.sock"}\n'

    def run(script):
        prelude = f'set -euo pipefail\nbearward() {{ "{BINARY}" "$@"; }}\n'
        return subprocess.run(["bash", "-c", prelude + script], cwd=folder, capture_output=True, text=True, timeout=20 * SLOWNESS)

    secret = commands.pop(0)
    assert "jwt-secret" in secret and run(secret).returncode == 0
    process = start(configuration)
    check = next(line for line in commands if line.startswith("bearward check"))
    assert run(check).returncode == 0

    token = next(line for line in commands if line.startswith("token="))
    tried = [line.split("# -> ") for line in commands if "# -> " in line]
    assert len(tried) >= 8
    for command, expected in tried:
        result = run(token + "\n" + command.replace("http://localhost:8080", process.url))
        assert result.returncode == 0, result.stderr
        status, _, body = expected.partition(" ")
        assert result.stdout.startswith(f"HTTP/1.1 {status} "), (command, result.stdout)
        assert result.stdout.endswith(body), (command, result.stdout)
    reached = [request.target for request in app.requests]
    assert reached == ["/login", "/hello", "/tenants/t-1/widgets"]
    assert app.requests[1].get("X-User-Id") == "ada" and app.requests[1].get("X-Tenant-Id") == "t-1" and app.requests[1].get("X-User-Roles") == "reader"
    known = {check, token, *(line for line in commands if "# -> " in line)}
    assert [line for line in commands if line and line not in known] == ["bearward -c bearward.yaml &"]


def test_the_commands_at_the_top_exist():
    first = blocks("sh")[0]
    assert [line.split()[0] for line in first.splitlines()] == ["deploy/demo.sh", "tests/run.sh"]
    assert README.index("deploy/demo.sh") < README.index("## ")
    assert README.index("**The app must be reachable only through Bearward.**") < README.index("## ")


@pytest.mark.parametrize("page", sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.md") if "build" not in path.parts))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / page).read_text()):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"

"""The README's worked example is run as it stands there, and its links lead somewhere."""

import json
import re
import subprocess

import pytest
import tokens
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


def rows(heading, columns):
    """The rows of the tables of a section that have so many columns, without their backticks."""
    section = README[README.index(heading) :].split("\n### ")[0]
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in section.splitlines() if line.startswith("|")]
    return [[row[0], *row[1:]] for row in cells if len(row) == columns and row[0] not in ("issuer", "---")]


def test_the_claims_of_known_issuers(tmp_path):
    received = {issuer: text for issuer, text in rows("### Claims", 2)}
    cases = rows("### Claims", 3)
    assert [issuer for issuer, _, _ in cases] == list(received) and len(cases) == 5
    (tmp_path / "secret").write_bytes(tokens.SECRET)
    for issuer, says, mapping in cases:
        configuration = tmp_path / "bearward.yaml"
        configuration.write_text(f"""version: 1
listen: [{{address: 127.0.0.1:0}}]
upstreams: {{app: {{servers: [127.0.0.1:9]}}}}
providers: {{main: {{issuer: {tokens.ISSUER}, audiences: [{tokens.AUDIENCE}], algorithms: [HS256], keys: {{secret: {{file: secret}}}}, claims: {mapping.strip("`")}}}}}
routes: [{{prefix: /, upstream: app, providers: [main]}}]
""")
        token = tokens.mint(**{"sub": None, "tid": None, "roles": None, "scope": None, **json.loads(says.strip("`"))})
        run = subprocess.run([BINARY, "explain", "-c", configuration, "--path", "/", "--json", "--token", "-"], input=token, capture_output=True, text=True)
        assert run.returncode == 0, (issuer, run.stdout, run.stderr)
        headers = json.loads(run.stdout)["forward"]["headers"]
        expected = dict(each.strip("` ").split(": ", 1) for each in received[issuer].split("`, `"))
        assert headers == expected, issuer


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

"""The examples: valid, and with policy tests that hold and that say what the example is for."""

import os
import re
import subprocess

import pytest
from conftest import BINARY, ROOT, SLOWNESS

ISSUERS = {"keycloak", "auth0", "okta", "entra", "entra_tenants", "cognito", "google", "firebase", "supabase", "zitadel", "kubernetes"}
EXAMPLES = sorted((ROOT / "config/examples").glob("*.yaml"))
DEPLOYED = sorted((ROOT / "deploy/examples").rglob("bearward*.yaml"))


def name(path):
    """Of those of apps their folder's."""
    return path.parent.name if path in DEPLOYED else path.stem


def run(*arguments, secret=False):
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    if secret:
        environment["SECRET_KEY"] = "0123456789abcdef0123456789abcdef"
    done = subprocess.run([BINARY, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=30 * SLOWNESS)
    return done.returncode, done.stdout + done.stderr


def test_there_is_one_for_each_case():
    assert {path.stem for path in EXAMPLES} >= {
        "minimal", "fastapi", "multi_tenant", "two_issuers", "public_site", "chat", "behind_access", "hosted_issuer", "front_ends", *ISSUERS}


def test_there_is_one_for_each_app_and_for_other_proxies():
    assert {name(path) for path in DEPLOYED} >= {"django", "express", "spring", "asp.net", "forward_auth"}


@pytest.mark.parametrize("path", DEPLOYED, ids=name)
def test_check_finds_nothing_in_those_of_apps(path):
    code, said = run("check", "--strict", "--offline", path)
    assert code == 0 and "warning:" not in said, said
    assert int(re.search(r"(\d+) passed tests", said)[1]) >= 7


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_check_takes_it(path):
    # The files of a pod are nowhere else.
    code, said = run("check", *(["--offline"] if path.stem == "kubernetes" else []), "-c", path, secret=True)
    assert code == 0, said
    assert "error:" not in said


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem in ISSUERS], ids=lambda path: path.stem)
def test_an_issuers_says_what_to_fill_in_and_warns_of_nothing(path):
    code, said = run("check", "--strict", "--offline", "-c", path)
    assert code == 0, said
    head = path.read_text().split("\nversion: 1\n")[0]
    named = set(re.findall(r"\bYOUR(?:-[A-Z0-9]+)+|\bCUSTOMER-\d-TENANT-ID", path.read_text()))
    assert named and "Fill in" in head and "https://" in head
    assert all(name in head for name in named), named
    assert all(name in re.sub(r"#.*", "", path.read_text()) for name in named)  # nothing to replace that has no effect


@pytest.mark.parametrize("path", [path for path in EXAMPLES + DEPLOYED if path.stem != "minimal"], ids=name)
def test_its_policy_tests_hold_without_keys_and_secrets(path):
    code, said = run("test", "-c", path)
    assert code == 0, said
    assert len(re.findall(r"^  - ", path.read_text().split("\ntests:\n")[1], re.MULTILINE)) >= 7


def without_requirement(line):
    """A route's line less its `require`."""
    start = line.find(", require: {")
    if start < 0 or "request:" in line:
        return line
    depth, end = 0, start
    while depth or end == start or line[end - 1] != "}":
        depth += {"{": 1, "}": -1}.get(line[end], 0)
        end += 1
    return line[:start] + line[end:]


@pytest.mark.parametrize("path", [path for path in EXAMPLES + DEPLOYED if path.stem != "minimal"], ids=name)
def test_a_policy_whose_requirements_are_gone_fails_them(path, tmp_path):
    before = path.read_text().splitlines()
    after = [without_requirement(line) for line in before]
    assert after != before
    (tmp_path / path.name).write_text("\n".join(after) + "\n")
    code, said = run("test", "-c", tmp_path / path.name)
    assert code == 1, said
    assert "error:" not in said, said

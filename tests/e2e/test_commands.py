"""The command line: check, token mint, demo, and how wrong usage ends."""

import os
import re
import socket
import subprocess
import time

import jwt
import pytest
import tokens
from conftest import BINARY, ROOT, SLOWNESS


def bearward(*arguments, cwd=None, env=None):
    return subprocess.run([BINARY, *map(str, arguments)], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30 * SLOWNESS)


GOOD = """version: 1
listen: [{address: 127.0.0.1:0}]
upstreams: {app: {servers: [127.0.0.1:8000]}}
providers:
  main: {type: jwt, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}}
routes: [{prefix: /, upstream: app, providers: [main]}]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret").write_bytes(tokens.SECRET)
    (tmp_path / "bearward.yaml").write_text(GOOD)
    return tmp_path


def test_version_and_help():
    run = bearward("--version")
    assert run.returncode == 0 and re.search(r"\d+\.\d+\.\d+", run.stdout)
    run = bearward("--help")
    assert run.returncode == 0
    for command in ("run", "check", "token", "demo"):
        assert command in run.stdout


@pytest.mark.parametrize("arguments", [["--nonsense"], ["nonsense"], ["check", "--nonsense"], ["token"], ["token", "mint"], ["demo", "extra"]])
def test_wrong_usage_exits_with_2(arguments):
    run = bearward(*arguments)
    assert run.returncode == 2, (run.stdout, run.stderr)
    assert run.stderr


def test_check_of_a_good_file(folder):
    assert bearward("check", "-c", folder / "bearward.yaml").returncode == 0


def test_the_configuration_is_found_without_being_named(folder):
    assert bearward("check", cwd=folder).returncode == 0
    (folder / "elsewhere").mkdir()
    assert bearward("check", cwd=folder / "elsewhere", env={"BEARWARD_CONFIG": str(folder / "bearward.yaml")}).returncode == 0
    assert bearward("check", cwd=folder / "elsewhere").returncode in (1, 2)


def test_check_tells_every_error_with_its_place(folder):
    path = folder / "broken.yaml"
    path.write_text("""version: 1
lissten: [{address: 127.0.0.1:0}]
listen: [{address: 127.0.0.1:0, name: 7x, nam: y}]
upstreams:
  app: {servers: [127.0.0.1:99999]}
providers:
  main: {type: jwt, algorithms: [HS265, none], keys: {secret: {file: missing}}}
routes:
  - {prefix: /a, upstream: ap, providers: [main]}
  - {prefix: /b, upstream: app, providers: [main], auth: requird}
  - {prefix: "/c/{x", upstream: app, providers: [main]}
""")
    run = bearward("check", "-c", path)
    assert run.returncode == 1 and run.stdout == ""
    lines = [line for line in run.stderr.splitlines() if line]
    pattern = re.compile(rf"^{re.escape(str(path))}:(\d+):(\d+): (error|warning): \S+: .+")
    places = {}
    for line in lines:
        match = pattern.match(line)
        if match:
            places.setdefault(int(match.group(1)), []).append(line)
    assert {2, 3, 5, 7, 9, 10, 11} <= set(places), run.stderr
    assert "2:1: error: lissten: " in places[2][0] and "did you mean 'listen'?" in places[2][0]
    assert any("did you mean 'name'?" in line for line in places[3])
    assert any("providers.main.algorithms[0]" in line and "did you mean 'HS256'?" in line for line in places[7])
    assert any("did you mean 'app'?" in line for line in places[9])
    assert any("did you mean 'required'?" in line for line in places[10])


@pytest.mark.parametrize("text", ["", "version: 2\n", "version: 1\n", "[1, 2]\n", "a: [\n", "version: 1\nversion: 1\n", "a: &a [*a]\n", "\0", "\xff\xfe"])
def test_files_that_are_no_configuration(folder, text):
    path = folder / "odd.yaml"
    path.write_bytes(text.encode("latin-1"))
    run = bearward("check", "-c", path)
    assert run.returncode == 1
    assert re.search(rf"^{re.escape(str(path))}:\d+:\d+: error: ", run.stderr, re.MULTILINE), run.stderr


def test_a_missing_file(folder):
    run = bearward("check", "-c", folder / "nowhere.yaml")
    assert run.returncode == 1 and "nowhere.yaml" in run.stderr


def test_warnings_fail_only_a_strict_check(folder):
    path = folder / "warned.yaml"
    path.write_text(GOOD.replace("audiences: [widgets], ", ""))
    run = bearward("check", "-c", path)
    assert run.returncode == 0 and ": warning: " in run.stderr
    assert bearward("check", "--strict", "-c", path).returncode == 1


def test_offline_reads_no_secrets(folder):
    (folder / "secret").unlink()
    assert bearward("check", "-c", folder / "bearward.yaml").returncode == 1
    assert bearward("check", "--offline", "-c", folder / "bearward.yaml").returncode == 0


def test_secrets_and_values_from_the_environment(folder):
    path = folder / "environment.yaml"
    path.write_text(GOOD.replace("{file: secret}", "{env: THE_SECRET}").replace("prefix: /,", 'prefix: "${THE_PREFIX:-/api}",'))
    secret = "environment-" + "s" * 40
    assert bearward("check", "-c", path, env={"THE_SECRET": secret}).returncode == 0
    run = bearward("check", "-c", path)
    assert run.returncode == 1 and "THE_SECRET" in run.stderr
    run = bearward("check", "-c", path, env={"THE_SECRET": secret, "THE_PREFIX": "no-slash"})
    assert run.returncode == 1 and secret not in run.stderr


def test_a_weak_secret_is_an_error_and_is_not_shown(folder):
    (folder / "secret").write_text("tooshortsecret")
    run = bearward("check", "-c", folder / "bearward.yaml")
    assert run.returncode == 1 and "tooshortsecret" not in run.stderr


def test_keys_whose_behaviour_is_not_there_yet_are_errors(folder):
    path = folder / "later.yaml"
    path.write_text(GOOD + "definitely_not_a_key: 1\n")
    assert bearward("check", "-c", path).returncode == 1


def test_run_with_a_broken_configuration_ends_with_the_same_lines(folder):
    path = folder / "broken.yaml"
    path.write_text(GOOD.replace("upstream: app", "upstream: nobody"))
    check, run = bearward("check", "-c", path), bearward("run", "-c", path)
    assert check.returncode == run.returncode == 1
    assert ": error: " in run.stderr and check.stderr.splitlines()[0] in run.stderr


def test_an_address_in_use_is_named(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        (folder / "bearward.yaml").write_text(GOOD.replace("127.0.0.1:0", address) + "admin: {address: off}\n")
        run = bearward("-c", folder / "bearward.yaml")
    assert run.returncode == 1 and address in run.stderr


def test_mint_with_a_secret(folder):
    run = bearward("token", "mint", "--secret-file", folder / "secret", "--alg", "HS256", "--sub", "u-1", "--tid", "t-1", "--role", "a", "--role", "b",
                   "--iss", "https://id.test/", "--aud", "widgets", "--claim", "n=5", "--claim", "text=x y", "--kid", "k", "--ttl", "5m")
    assert run.returncode == 0 and run.stderr == ""
    token = run.stdout.strip()
    claims = jwt.decode(token, tokens.SECRET, algorithms=["HS256"], audience="widgets", issuer="https://id.test/")
    assert claims["sub"] == "u-1" and claims["tid"] == "t-1" and claims["roles"] == ["a", "b"] and claims["n"] == 5 and claims["text"] == "x y"
    assert abs(claims["exp"] - time.time() - 300) < 30
    assert jwt.get_unverified_header(token)["kid"] == "k"


@pytest.mark.parametrize("pair", [tokens.RSA, tokens.EC, tokens.ED], ids=lambda pair: pair.algorithm)
def test_mint_with_a_private_key(folder, pair):
    (folder / "private.pem").write_bytes(pair.private_pem)
    run = bearward("token", "mint", "--key", folder / "private.pem", "--alg", pair.algorithm, "--sub", "u-1")
    assert run.returncode == 0, run.stderr
    claims = jwt.decode(run.stdout.strip(), pair.public_pem, algorithms=[pair.algorithm])
    assert claims["sub"] == "u-1" and abs(claims["exp"] - time.time() - 900) < 30


def test_mint_refuses_what_does_not_fit(folder):
    (folder / "private.pem").write_bytes(tokens.EC.private_pem)
    assert bearward("token", "mint", "--key", folder / "private.pem", "--alg", "RS256").returncode in (1, 2)
    assert bearward("token", "mint", "--secret-file", folder / "secret", "--alg", "none").returncode in (1, 2)
    assert bearward("token", "mint", "--key", folder / "missing.pem", "--alg", "RS256").returncode in (1, 2)


def test_a_minted_token_opens_the_proxy(start, folder):
    process = start()
    run = bearward("token", "mint", "--secret-file", process.directory / "secret", "--alg", "HS256", "--sub", "u-5", "--iss", "https://id.test/",
                   "--aud", "widgets")
    assert process.fetch(target="/app", headers=tokens.bearer(run.stdout.strip())).status == 200


def test_the_demo_runs_its_own_lines():
    run = bearward("demo", "--once")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "401" in run.stdout and "403" in run.stdout and "1008" in run.stdout


def test_the_smallest_example_is_valid_and_small():
    path = ROOT / "config/examples/minimal.yaml"
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) <= 15
    run = bearward("check", "--offline", "-c", path)
    assert run.returncode == 0, run.stderr

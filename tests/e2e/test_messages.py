"""What `check` says of a configuration: warnings, notes, counts, and the words for common mistakes."""

import os
import subprocess

import pytest
import tokens
from conftest import BINARY, SLOWNESS


def check(folder, text, *arguments):
    """(exit code, stdout, stderr)"""
    (folder / "bearward.yaml").write_text(text)
    run = subprocess.run([BINARY, "check", "-c", "bearward.yaml", *arguments], cwd=folder, env=dict(os.environ), stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, timeout=30 * SLOWNESS)
    return run.returncode, run.stdout, run.stderr


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret").write_bytes(tokens.SECRET)
    return tmp_path


def document(provider="", routes="{prefix: /}", top=""):
    listed = "".join(f"  - {each}\n" for each in routes.split("\n"))
    return f"""version: 1
listen: [{{address: "127.0.0.1:0"}}]
upstreams: {{app: {{servers: ["127.0.0.1:8000"]}}}}
providers:
  main: {{algorithms: [HS256], keys: {{secret: {{file: secret}}}}{provider}}}
defaults: {{upstream: app, providers: [main]}}
{top}routes:
{listed}"""


AUDIENCE = ", audiences: [widgets]"


def test_an_allowed_warning_is_a_note_and_strict_accepts_it(folder):
    text = document(AUDIENCE, "{prefix: /}\n{prefix: /public, auth: none}")
    code, said, warned = check(folder, text)
    assert code == 0 and said == "bearward.yaml: ok (2 routes, 1 provider; 1 warning)\n"
    assert "bearward.yaml:9:5: warning: routes[1]: " in warned and warned.endswith(" [looser-route]\n")
    assert "bearward.yaml:8:5" in warned, "the other route's place"
    code, said, warned = check(folder, text, "--strict")
    assert code == 1 and said == "" and "1 warning, which --strict counts" in warned

    allowed = text.replace("auth: none}", "auth: none, allow_warnings: [looser-route]}")
    code, said, noted = check(folder, allowed, "--strict")
    assert code == 0 and said == "bearward.yaml: ok (2 routes, 1 provider; 1 note)\n"
    assert "bearward.yaml:9:5: note: routes[1]: " in noted and "[looser-route]" not in noted


def test_a_warning_is_allowed_where_it_belongs_only(folder):
    warns = document(", allow_warnings: [no-audience]", "{prefix: /}\n{prefix: /public, auth: none}")
    code, said, told = check(folder, warns)
    assert code == 0 and "1 warning, 1 note" in said and "note: providers.main: " in told
    for wrong in (document(AUDIENCE, "{prefix: /, allow_warnings: [no-audience]}"),
                  document(AUDIENCE, top="allow_warnings: [looser-route]\n"),
                  document(AUDIENCE, top="allow_warnings: [lose-route]\n"),
                  document(AUDIENCE).replace("defaults: {", "defaults: {allow_warnings: [looser-route], ")):
        code, said, told = check(folder, wrong)
        assert code == 1 and said == "" and ": error: " in told and "allow_warnings" in told
    assert "did you mean 'looser-route'?" in check(folder, document(AUDIENCE, "{prefix: /, allow_warnings: [lose-route]}"))[2]


def test_counts_are_singular_plural_or_left_out(folder):
    assert check(folder, document(AUDIENCE))[1] == "bearward.yaml: ok (1 route, 1 provider)\n"
    distant = document(AUDIENCE).replace("127.0.0.1:8000", "app.internal:8000")
    code, said, noted = check(folder, distant, "--strict")
    assert code == 0 and said == "bearward.yaml: ok (1 route, 1 provider; 1 note)\n" and "app.internal:8000" in noted
    two = document("", "{prefix: /}\n{prefix: /a, auth: none}", 'tests: [{name: a, request: {path: /a}, expect: {status: 200}}]\n')
    assert check(folder, two)[1] == "bearward.yaml: ok (2 routes, 1 provider, 1 passed test; 2 warnings)\n"


@pytest.mark.parametrize("claims", ["{client_id: abc}", "{azp: [a, b]}", "{appid: abc}", "{aud: api}"])
def test_a_required_claim_may_name_this_api(folder, claims):
    assert check(folder, document(f", required_claims: {claims}"), "--strict")[0] == 0
    assert check(folder, document(", required_claims: {client_id: {present: true}}"), "--strict")[0] == 1


def test_nothing_that_opens_every_route_stands_in_defaults(folder):
    for written in ("auth: none", "mode: observe", "name: x", "exact: /", "prefix: /", "literal: true", "allow_warnings: [observed]"):
        code, said, told = check(folder, document(AUDIENCE).replace("defaults: {", f"defaults: {{{written}, "))
        key = written.split(":")[0]
        assert code == 1 and said == "" and f": error: defaults.{key}: " in told and "can't stand in `defaults`" in told, written
    assert check(folder, document(AUDIENCE).replace("defaults: {", "defaults: {auth: optional, "))[0] == 0


MISTAKES = {
    "a URL as server": (('"127.0.0.1:8000"', '"http://127.0.0.1:8000"'), 3, ["scheme", "write 127.0.0.1:8000"]),
    "an https URL as server": (('"127.0.0.1:8000"', '"https://app.internal"'), 3, ["scheme", "app.internal:443", "`tls: {}`"]),
    "a URL with a password": (('"127.0.0.1:8000"', '"http://u:hunter2@app:80"'), 3, ["scheme"]),
    "a capture without quotes": (("{prefix: /}", "{prefix: /t/{id}, auth: none}"), 8, ["{id}", "needs quotes"]),
    "a tab": (("  - {prefix: /}", "\t- {prefix: /}"), 8, ["a tab", "spaces"]),
    "a quote that is not closed": (('"127.0.0.1:0"', '"127.0.0.1:0'), 2, ["the quote that begins here"]),
    "a quote that is open to the end": (("{prefix: /}", '{prefix: "/}'), 8, ["the quote that begins here"]),
    "one audience": (("audiences: [widgets]", "audiences: widgets"), 5, ["write [widgets]"]),
    "threads in words": (("version: 1\n", "version: 1\nthreads: many\n"), 2, ["auto or a whole number between 1 and 256"]),
    "a near miss of a source": (("version: 1\n", "version: 1\nidentity_headers: {X-U: usr}\n"), 2, ["did you mean 'user'?", "tenant"]),
    "a near miss of a key": (("{prefix: /}", "{prefix: /, websockets: off}"), 8, ["did you mean 'websocket'?"]),
    "true for on": (("version: 1\n", "version: 1\nlog: {access: true}\n"), 2, ["did you mean 'on'?"]),
    "a host without quotes": (("{prefix: /}", "{prefix: /, hosts: [*.example.com]}"), 8, ["*", "needs quotes"]),
    "keys beside websocket: off": (("{prefix: /}", "prefix: /\n    websocket: off\n      origins: [a]"), 10, ["has a value already"]),
    "an empty rule": (("{prefix: /}", "{prefix: /, require: {roles: []}}"), 8, ["the list is empty"]),
    "an empty choice": (("{prefix: /}", "{prefix: /, require: {any: []}}"), 8, ["the list is empty"]),
    "an empty negation": (("{prefix: /}", "{prefix: /, require: {not: {}}}"), 8, ["empty"]),
    "no claims": (("{prefix: /}", "{prefix: /, require: {claims: {}}}"), 8, ["the map is empty"]),
    "no audiences": (("audiences: [widgets]", "audiences: []"), 5, ["the list is empty"]),
    "a claim that is absent": (("{prefix: /}", "{prefix: /, require: {claims: {a: {present: false}}}}"), 8, ["only {present: true}"]),
    "a method in lower case": (("{prefix: /}", "{prefix: /, methods: [get]}"), 8, ["did you mean 'GET'?"]),
    "a host with a port": (("{prefix: /}", '{prefix: /, hosts: ["a:80"]}'), 8, ["without port"]),
    "a host with a scheme": (("{prefix: /}", '{prefix: /, hosts: ["http://a"]}'), 8, ["no scheme"]),
    "a host with an inner wildcard": (("{prefix: /}", '{prefix: /, hosts: ["a.*.b"]}'), 8, ["the whole first label"]),
    "an origin with a path": (("{prefix: /}", '{prefix: /, websocket: {origins: ["https://a/"]}}'), 8, ["origin"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_where_it_is_with_what_to_write(folder, mistake):
    (old, new), line, words = MISTAKES[mistake]
    text = document(AUDIENCE)
    assert old in text
    code, said, told = check(folder, text.replace(old, new, 1))
    assert code == 1 and said == ""
    assert any(each.startswith(f"bearward.yaml:{line}:") and ": error: " in each and all(word in each for word in words)
               for each in told.splitlines()), told
    assert "hunter2" not in told


def test_a_file_that_is_no_key_set_is_told_for_what_it_is(folder):
    text = document(AUDIENCE).replace("HS256", "RS256").replace("secret: {file: secret}", "jwks_file: set.json")
    for content, words in (("<!DOCTYPE html><html></html>", "HTML"), ('{"issuer": "https://a", "jwks_uri": "https://a/j"}', "jwks_uri"),
                           ("-----BEGIN PUBLIC KEY-----", "pem_file"), ("", "empty")):
        (folder / "set.json").write_text(content)
        code, said, told = check(folder, text)
        assert code == 1 and "set.json: not a JWK Set" in told and words in told
    (folder / "set.json").unlink()
    assert "set.json: No such file or directory" in check(folder, text)[2]
    assert check(folder, text, "--offline")[0] == 0


def test_the_file_may_stand_without_an_option(folder):
    (folder / "bearward.yaml").write_text(document(AUDIENCE))

    def bearward(*arguments, env=None):
        run = subprocess.run([BINARY, *arguments], cwd=folder, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=30 * SLOWNESS)
        return run.returncode, run.stdout + run.stderr

    (folder / "bearward.yaml").rename(folder / "other.yaml")
    for arguments, code in ((["check"], 0), (["test"], 0), (["routes"], 0), (["explain", "--path", "/"], 3), (["healthcheck"], 1)):
        assert bearward(*arguments, "other.yaml")[0] == code, arguments
        assert bearward(*arguments, env={"BEARWARD_CONFIG": "other.yaml"})[0] == code, arguments
        assert bearward(*arguments)[0] == 2, arguments
        two = bearward(*arguments, "other.yaml", "-c", "other.yaml")
        assert two[0] == 2 and "two configurations" in two[1]
    token = bearward("explain", "--path", "/", "eyJhbGciOiJIUzI1NiJ9.e30.hunter2")
    assert token[0] == 2 and "hunter2" not in token[1] and "--token" in token[1]

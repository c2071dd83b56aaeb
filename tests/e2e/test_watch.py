"""The configuration and every file that it names are watched, and POST /reload: what is new counts without a signal, what is bad changes nothing."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time

import pytest
from certificates import authority
from conftest import BINARY, SLOWNESS, bearward_process
from frames import frame, handshake, read_frame
from test_metrics import page
from test_tls import ask, client_context, tls_wire
from tokens import EC, ED, RSA, bearer, mint, mint_with

CONFIGURATION = """
version: 1
threads: 1
include: ["routes.d/*.yaml"]
listen:
  - {address: 127.0.0.1:0, name: public}
  - {address: 127.0.0.1:0, name: secure, tls: {certificates: [{certificate: tls/server.crt, private_key: tls/server.key}]}}
admin: {address: "unix:@directory@/admin.sock"}
upstreams: {app: {servers: ["@http@"]}, sockets: {servers: ["@websocket@"]}}
providers:
  main: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [HS256], keys: {secret: {file: secret}}, revocation: {file: revoked.txt}}
  set: {type: jwt, issuer: https://id.test/, audiences: [widgets], algorithms: [RS256, ES256, EdDSA], keys: {jwks_file: jwks.json}}
routes:
  - {prefix: /x, name: x, upstream: app, providers: [main]}
  - {prefix: /set, name: set, upstream: app, providers: [set]}
  - {prefix: /ws, name: ws, upstream: sockets, providers: [main]}
"""
JSON = {"Content-Type": "application/json"}


class watched:
    """A proxy whose files can be changed."""

    def __init__(self, process, vouching):
        self.process = process
        self.vouching = vouching
        self.directory = process.directory
        self.text = process.configuration.read_text()

    def path(self, name):
        return self.directory / name

    def replace(self, name, content):
        """As careful programs do: a new file renamed over the old one."""
        fresh = self.path(name + ".new")
        fresh.write_bytes(content if isinstance(content, bytes) else content.encode())
        fresh.rename(self.path(name))

    def status(self, target="/x", token=None):
        return self.process.fetch(target=target, headers=bearer(token or mint())).status

    def count(self, result):
        return page(self.process).value("bearward_config_reloads_total", result=result)

    def eventually(self, holds, what=""):
        deadline = time.monotonic() + 15 * SLOWNESS
        while not holds():
            assert time.monotonic() < deadline, f"{what}\n{self.process.log()[-3000:]}"
            time.sleep(0.05)

    def reload(self, headers=None, method="POST"):
        status, body = self.process.admin("/reload", method, JSON if headers is None else headers)
        return status, json.loads(body)


@pytest.fixture
def proxy(start, tmp_path):
    directory = tmp_path / "proxy-0"
    directory.mkdir()
    (directory / "revoked.txt").write_text("")
    vouching = authority(directory / "tls")
    vouching.issue("server", "first.test")
    return watched(start(CONFIGURATION), vouching)


def test_a_new_certificate_is_presented_to_new_connections_and_old_ones_live(proxy):
    context = client_context(proxy.vouching)
    address = proxy.process.addresses["secure"]
    with tls_wire(address, context) as old:
        first = old.socket.getpeercert()["serialNumber"]
        assert ask(old).status == 200
        proxy.vouching.issue("fresh", "first.test")
        for suffix in (".crt", ".key"):
            os.rename(proxy.path("tls/fresh" + suffix), proxy.path("tls/server" + suffix))

        def presented():
            with tls_wire(address, context) as wire:
                assert ask(wire).status == 200
                return wire.socket.getpeercert()["serialNumber"]

        proxy.eventually(lambda: presented() != first)
        assert ask(old).status == 200


def test_new_keys_count_and_the_old_ones_no_more(proxy):
    proxy.replace("jwks.json", json.dumps({"keys": [RSA.jwk]}))
    proxy.eventually(lambda: proxy.status("/set", mint_with(ED)) == 401)
    assert proxy.status("/set", mint_with(RSA)) == 200
    proxy.path("jwks.json").write_text(json.dumps({"keys": [EC.jwk]}))
    proxy.eventually(lambda: proxy.status("/set", mint_with(EC)) == 200)
    assert proxy.status("/set", mint_with(RSA)) == 401
    proxy.replace("secret", b"another secret that is more than long enough for it\n")
    proxy.eventually(lambda: proxy.status() == 401)
    proxy.eventually(lambda: "jwks.json changed" in proxy.process.log() and "secret changed" in proxy.process.log())


def test_a_revocation_counts_once_it_is_written_also_beside_a_broken_line(proxy):
    token, other = mint(jti="t-1"), mint(jti="t-2")
    assert proxy.status(token=token) == 200
    with open(proxy.path("revoked.txt"), "a") as revoked:  # held open, as by a program that writes one line after the other
        revoked.write("jti:t-1\n")
        revoked.flush()
        proxy.eventually(lambda: proxy.status(token=token) == 401)
        revoked.write("this is no line of it\njti:t-2\n")
        revoked.flush()
        proxy.eventually(lambda: proxy.status(token=other) == 401)
    assert proxy.status(token=token) == 401 and proxy.count("failure") == 0
    assert page(proxy.process).value("bearward_revocation_lines_refused_total") >= 1
    assert "revoked.txt:2: expected jti:ID" in proxy.process.log()


def test_an_entry_that_is_gone_counts_until_a_second_reading(proxy):
    token = mint(jti="t-1")
    proxy.replace("revoked.txt", "jti:t-1\n")
    proxy.eventually(lambda: proxy.status(token=token) == 401)
    before = proxy.count("success")
    gone_at = time.monotonic()
    proxy.replace("revoked.txt", "# nobody\n")
    proxy.eventually(lambda: proxy.status(token=token) == 200)
    assert time.monotonic() - gone_at >= 1
    assert proxy.count("success") >= before + 2
    assert "entries of a revocation file are gone" in proxy.process.log()


def test_a_bad_line_is_an_error_where_the_file_was_not_in_force(proxy):
    proxy.path("other.txt").write_text("jti:t-1\nnonsense\nmore of it\n")
    proxy.path("bearward.yaml").write_text(proxy.text.replace("file: revoked.txt", "file: other.txt"))
    proxy.eventually(lambda: proxy.count("failure") == 1)
    assert "other.txt:2: expected" in proxy.process.log() and "other.txt:3: expected" in proxy.process.log()
    assert proxy.status(token=mint(jti="t-1")) == 200


def test_a_broken_configuration_changes_nothing_until_it_is_fixed(proxy):
    with proxy.process.connect() as wire:
        wire.send(handshake("/ws", bearer(mint()).items()))
        assert wire.response().status == 101
        stricter = proxy.text.replace("name: x, upstream: app, providers: [main]", "name: x, upstream: app, providers: [main], require: {roles: [admin]}")
        proxy.path("bearward.yaml").write_text(stricter + "nonsense: 1\n")
        proxy.eventually(lambda: proxy.count("failure") == 1)
        assert proxy.status() == 200 and proxy.process.admin("/readyz")[0] == 200
        proxy.eventually(lambda: "the old configuration stays" in proxy.process.log())
        proxy.path("bearward.yaml").write_text(stricter)
        proxy.eventually(lambda: proxy.count("success") == 1)
        assert proxy.status() == 403
        wire.send(frame(1, b"still here"))
        assert read_frame(wire) == (1, b"still here")


def test_what_was_missing_is_tried_again_when_it_appears(proxy):
    proxy.path("bearward.yaml").write_text(proxy.text.replace("jwks_file: jwks.json", "jwks_file: keys/new.json"))
    proxy.eventually(lambda: proxy.count("failure") == 1)
    # What the one in force names counts too, though the new one names it no longer.
    proxy.replace("jwks.json", json.dumps({"keys": [RSA.jwk]}))
    proxy.eventually(lambda: proxy.count("failure") == 2)
    assert proxy.count("success") == 0
    proxy.path("keys").mkdir()
    proxy.replace("keys/new.json", json.dumps({"keys": [EC.jwk]}))
    proxy.eventually(lambda: proxy.count("success") == 1)
    assert proxy.status("/set", mint_with(EC)) == 200 and proxy.status("/set", mint_with(RSA)) == 401


def test_a_file_that_an_include_matches_comes_and_goes(proxy):
    assert proxy.status("/more") == 404
    proxy.path("routes.d").mkdir()
    proxy.path("routes.d/more.yaml").write_text("routes: [{prefix: /more, name: more, upstream: app, providers: [main]}]\n")
    proxy.eventually(lambda: proxy.status("/more") == 200)
    proxy.path("routes.d/more.yaml").unlink()
    proxy.eventually(lambda: proxy.status("/more") == 404)


def test_a_config_map_is_swapped_by_a_link(proxy):
    def publish(version, text):
        proxy.path(version).mkdir()
        proxy.path(version + "/bearward.yaml").write_text(text)
        os.symlink(version, proxy.path("..data_tmp"))
        os.rename(proxy.path("..data_tmp"), proxy.path("..data"))

    publish("..2026_01", proxy.text.replace("name: x,", "name: first,"))
    os.symlink("..data/bearward.yaml", proxy.path("link"))
    os.rename(proxy.path("link"), proxy.path("bearward.yaml"))
    proxy.eventually(lambda: proxy.count("success") == 1)
    publish("..2026_02", proxy.text.replace("prefix: /x,", "prefix: /second,"))
    shutil.rmtree(proxy.path("..2026_01"))
    proxy.eventually(lambda: proxy.status("/second") == 200)
    publish("..2026_03", proxy.text.replace("prefix: /x,", "prefix: /third,"))
    shutil.rmtree(proxy.path("..2026_02"))
    proxy.eventually(lambda: proxy.status("/third") == 200)
    assert proxy.count("failure") == 0


def test_what_changes_nothing_reloads_nothing(proxy):
    proxy.path("notes.txt").write_text("written beside")
    proxy.replace("secret", proxy.path("secret").read_bytes())
    os.utime(proxy.path("bearward.yaml"))
    proxy.path("log.1").write_text("and this")
    proxy.path("revoked.txt").write_text("jti:t-9\n")  # this one does
    proxy.eventually(lambda: proxy.status(token=mint(jti="t-9")) == 401)
    proxy.eventually(lambda: proxy.count("success") == 1)
    proxy.eventually(lambda: "(" + str(proxy.path("revoked.txt")) + " changed)" in proxy.process.log())


def test_post_reload_answers_when_it_is_done(proxy):
    assert proxy.reload() == (200, {"result": "success"})
    proxy.path("bearward.yaml").write_text(proxy.text.replace("prefix: /x,", "prefix: /y,"))
    assert proxy.reload({"Content-Type": "Application/JSON; charset=utf-8"}) == (200, {"result": "success"})
    assert proxy.status("/y") == 200 and proxy.status("/x") == 404
    assert "(POST /reload" in proxy.process.log()


def test_post_reload_tells_what_check_tells(proxy):
    proxy.path("routes.d").mkdir()
    proxy.path("routes.d/bad.yaml").write_text("routes:\n  - {prefix: /bad, upstrem: app}\n")
    proxy.path("bearward.yaml").write_text(proxy.text.replace("jwks_file: jwks.json", "jwks_file: gone.json"))
    status, body = proxy.reload()
    assert status == 422 and body["result"] == "failure"
    checked = subprocess.run([BINARY, "check", "-c", str(proxy.path("bearward.yaml"))], capture_output=True, text=True, check=False)
    expected = [line for line in checked.stderr.splitlines() if ": error: " in line]
    assert checked.returncode == 1 and body["errors"] == expected
    assert any("routes.d/bad.yaml:2:" in each and "did you mean 'upstream'?" in each for each in expected)
    assert any("bearward.yaml:" in each and "gone.json: No such file or directory" in each for each in expected)
    assert proxy.status() == 200
    assert proxy.reload()[0] == 422, "it is asked again each time"


@pytest.mark.parametrize("headers, method, status", [
    ({}, "POST", 403),
    ({"Content-Type": "text/plain"}, "POST", 403),
    ({"Content-Type": "application/jsonp"}, "POST", 403),
    ({"Content-Type": "application/x-www-form-urlencoded"}, "POST", 403),
    ({"Content-Type": "application/json", "Origin": "http://localhost"}, "POST", 403),
    ({"Content-Type": "application/json", "Origin": "null"}, "POST", 403),
    ({"Content-Type": "application/json", "Host": "evil.test"}, "POST", 403),
    ({"Content-Type": "application/json"}, "GET", 405),
    ({"Content-Type": "application/json"}, "PUT", 405),
    ({"Content-Type": "application/json"}, "OPTIONS", 405),
])
def test_what_another_site_could_send_reloads_nothing(bearward_once, headers, method, status):
    answer = bearward_once.reload(headers, method)
    assert answer[0] == status and set(answer[1]) == {"detail"}
    assert bearward_once.count("success") == 0 and bearward_once.count("failure") == 0


@pytest.fixture(scope="module")
def bearward_once(tmp_path_factory, http_upstream, websocket_upstream):
    """One that is not reloaded."""
    directory = tmp_path_factory.mktemp("once")
    (directory / "revoked.txt").write_text("")
    vouching = authority(directory / "tls")
    vouching.issue("server", "first.test")
    process = bearward_process(directory, CONFIGURATION, http=http_upstream.address, websocket=websocket_upstream.address)
    yield watched(process, vouching)
    process.stop()


def test_errors_hold_no_secret(proxy):
    for wrong in ("keys: {secret: hunter2hunter2}", "keys: {secret: {value: hunter2hunter2}}", "keys: {secret: [hunter2hunter2]}",
                  "keys: {secret: {file: short}}", "keys: {jwks_file: short}", "keys: {pem_file: short}"):
        proxy.path("short").write_text("hunter2hunter2\n")
        proxy.path("bearward.yaml").write_text(proxy.text.replace("keys: {secret: {file: secret}}", wrong))
        status, body = proxy.reload()
        assert status == 422 and body["errors"], wrong
        assert "hunter2" not in json.dumps(body), wrong
    assert "hunter2" not in proxy.process.log()


def test_reloads_from_everywhere_at_once(proxy):
    answers = []
    stop = threading.Event()
    failures = []

    def ask_again_and_again():
        for _ in range(10):
            answers.append(proxy.reload())

    def load():
        while not stop.is_set():
            if proxy.status() != 200:
                failures.append(1)

    loading = threading.Thread(target=load)
    loading.start()
    threads = [threading.Thread(target=ask_again_and_again) for _ in range(4)]
    for each in threads:
        each.start()
    for number in range(10):
        proxy.replace("jwks.json", json.dumps({"keys": [RSA.jwk if number % 2 else EC.jwk]}))
        proxy.process.process.send_signal(signal.SIGHUP)
        assert proxy.process.admin("/healthz")[0] == 200
    for each in threads:
        each.join(30 * SLOWNESS)
    stop.set()
    loading.join(10 * SLOWNESS)
    assert answers == [(200, {"result": "success"})] * 40
    assert failures == [] and proxy.count("failure") == 0
    proxy.eventually(lambda: proxy.status("/set", mint_with(RSA)) == 200)


def test_a_pipe_is_read_once_and_said_not_to_be_watched(proxy, tmp_path):
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    text = proxy.text.replace(str(proxy.path("admin.sock")), str(tmp_path / "admin.sock")).replace("tls/server", str(proxy.path("tls/server")))
    for name in ("secret", "jwks.json", "revoked.txt"):
        text = text.replace("file: " + name, "file: " + str(proxy.path(name)))
    log = tmp_path / "pipe.log"
    with open(log, "wb") as output:
        process = subprocess.Popen([BINARY, "-c", str(pipe)], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        pipe.write_text(text)
        proxy.eventually(lambda: "changes are not watched" in log.read_text(), "no warning")
        process.send_signal(signal.SIGHUP)
        proxy.eventually(lambda: "not a regular file" in log.read_text() and "reload refused (SIGHUP)" in log.read_text(), "not refused")
    finally:
        process.terminate()
        assert process.wait(15 * SLOWNESS) == 0

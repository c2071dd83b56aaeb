"""bearward init: a first configuration that check, test and run take as it is."""

import os
import pty
import re
import resource
import select
import signal
import subprocess
import time

import pytest
from conftest import BINARY, SLOWNESS

KINDS = ["fastapi", "django", "express", "spring", "asp.net", "other"]
ISSUER = "https://id.test/"


def bearward(*arguments, cwd, **options):
    return subprocess.run([BINARY, *map(str, arguments)], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30 * SLOWNESS, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_writes_passes_check_and_its_own_tests(kind, tmp_path):
    run = bearward("init", "--app", kind, "--issuer", ISSUER, "-o", "first.yaml", cwd=tmp_path)
    assert run.returncode == 0 and run.stdout == "", run.stderr
    for arguments in (["check", "--strict"], ["check", "--strict", "--offline"], ["test"], ["routes"]):
        said = bearward(*arguments, "first.yaml", cwd=tmp_path)
        assert said.returncode == 0, (arguments, said.stdout, said.stderr)
        assert "warning" not in said.stderr
    # What nobody but the user knows is named at the top, and to be replaced where it counts.
    text = (tmp_path / "first.yaml").read_text()
    assert "YOUR-API" in text.split("version: 1")[0]
    assert set(re.findall(r"\bYOUR-\w+", re.sub(r"#.*", "", text))) == {"YOUR-API"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_whose_requirements_are_gone_fails_them(kind, tmp_path):
    text = bearward("init", "--app", kind, "--issuer", ISSUER, "-o", "-", cwd=tmp_path).stdout
    for gone in (", require: {roles: [admin]}", ', require: {tenant: "{tenant_id}"}'):
        assert gone in text
        (tmp_path / "laxer.yaml").write_text(text.replace(gone, ""))
        assert bearward("test", "laxer.yaml", cwd=tmp_path).returncode == 1, gone


def test_without_anything_a_placeholder_stands_for_the_issuer(tmp_path):
    run = bearward("init", cwd=tmp_path)
    assert run.returncode == 0 and "YOUR-ISSUER" in run.stderr and "no token is accepted" in run.stderr
    assert "https://YOUR-ISSUER.example.com/" in (tmp_path / "bearward.yaml").read_text()
    assert bearward("check", "--strict", cwd=tmp_path).returncode == 0


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "bearward.yaml").write_text("mine")
    run = bearward("init", "--issuer", ISSUER, cwd=tmp_path)
    assert run.returncode == 1 and "is there already" in run.stderr
    assert (tmp_path / "bearward.yaml").read_text() == "mine"
    (tmp_path / "link.yaml").symlink_to("nowhere.yaml")
    assert bearward("init", "--issuer", ISSUER, "-o", "link.yaml", cwd=tmp_path).returncode == 1
    assert not (tmp_path / "nowhere.yaml").exists()


@pytest.mark.parametrize("arguments, why", [
    (["--app", "fastpi"], "did you mean 'fastapi'?"),
    (["--issuer", "http://id.test/"], "https://"),
    (["--issuer", "https://id.test/{tid}"], "template"),
    (["--issuer", "https://id.test/.well-known/openid-configuration"], "before /.well-known/"),
    (["--nonsense"], "--nonsense"),
    (["-o"], "-o"),
])
def test_wrong_usage_exits_with_2_and_writes_nothing(arguments, why, tmp_path):
    run = bearward("init", *arguments, cwd=tmp_path)
    assert run.returncode == 2 and why in run.stderr and run.stdout == ""
    assert not list(tmp_path.iterdir())


def test_half_a_file_does_not_stay(tmp_path):
    def files_end_early():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # or writing more would kill it

    run = bearward("init", "--issuer", ISSUER, cwd=tmp_path, preexec_fn=files_end_early)
    assert run.returncode == 1 and "can't write bearward.yaml" in run.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_can_not_be_written(tmp_path):
    run = bearward("init", "--issuer", ISSUER, "-o", "/proc/first.yaml", cwd=tmp_path)  # root can't either
    assert run.returncode == 1 and "can't write /proc/first.yaml: " in run.stderr


def test_a_full_stdout_fails(tmp_path):
    with open("/dev/full", "w") as full:
        run = subprocess.run([BINARY, "init", "--issuer", ISSUER, "-o", "-"], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=30 * SLOWNESS)
    assert run.returncode == 1


class terminal:
    """The command on a terminal of its own."""

    def __init__(self, folder, *arguments):
        ours, theirs = pty.openpty()
        self.screen, self.seen = ours, ""
        self.process = subprocess.Popen([BINARY, "init", *arguments], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)

    def wait_for(self, text):
        until = time.monotonic() + 20 * SLOWNESS
        while text not in self.seen and time.monotonic() < until:
            if select.select([self.screen], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.screen, 4096).decode()
                except OSError:  # its end
                    break
        assert text in self.seen, self.seen

    def type(self, text):
        os.write(self.screen, text.encode())

    def end(self):
        try:
            return self.process.wait(timeout=20 * SLOWNESS)
        finally:
            self.process.kill()
            os.close(self.screen)


def test_a_terminal_is_asked(tmp_path):
    at = terminal(tmp_path)
    at.wait_for("[other]: ")
    at.type("expres\n")
    at.wait_for("did you mean 'express'?")
    at.type("express\n")
    at.wait_for("as `iss`")
    at.type("https://id.test/realms/x\n")
    at.wait_for("bearward.yaml is written")
    assert at.end() == 0
    text = (tmp_path / "bearward.yaml").read_text()
    assert "127.0.0.1:3000" in text and "https://id.test/realms/x/.well-known/openid-configuration" in text
    assert bearward("check", "--strict", cwd=tmp_path).returncode == 0


def test_a_terminal_that_is_closed_meanwhile_writes_nothing(tmp_path):
    at = terminal(tmp_path, "--app", "django")
    at.wait_for("as `iss`")
    at.type("\x04")
    at.wait_for("nothing is written")
    assert at.end() == 1
    assert not list(tmp_path.iterdir())


def test_a_terminal_is_asked_for_nothing_that_is_given(tmp_path):
    at = terminal(tmp_path, "--app", "django", "--issuer", ISSUER)
    at.wait_for("is written")
    assert at.end() == 0 and "[" not in at.seen

"""The scripts about the tests: what they refuse, and that they say what would be right."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT, SLOWNESS


def run(*command, **more):
    return subprocess.run([ROOT / command[0], *command[1:]], capture_output=True, text=True, timeout=30 * SLOWNESS, **more)


@pytest.mark.parametrize("arguments, told", [
    (["--parts", "nonsense"], "there is no part 'nonsense'; there are: tsan tidy fuzz large slow floods tenants soak chaos simulation mutants"),
    (["--parts", "chaos,fuz"], "there is no part 'fuz'; there are: tsan"),
    (["--parts", ""], "--parts names none; there are: tsan"),
    (["--parts"], "--parts names none; there are: tsan"),
    (["fuzz"], "unknown argument 'fuzz'; accepted: --parts"),
])
def test_parts_of_the_nightly_run_that_there_are_not(arguments, told):
    done = run("tests/nightly.sh", *arguments)
    assert done.returncode == 2 and told in done.stderr and done.stdout == ""


def test_suites_and_purposes_that_there_are_not():
    done = run("tests/run.sh", "nonsense")
    assert done.returncode == 2 and "accepted: unit integration e2e golden lint all" in done.stderr
    done = run("deploy/install_packages.sh", "nonsense")
    assert done.returncode == 2 and "accepted: build test lint" in done.stderr


def test_packages_are_listed_without_being_installed():
    done = run("deploy/install_packages.sh", "--list", "build", "root")
    assert done.returncode == 0 and {"clang-19", "cmake", "debootstrap"} <= set(done.stdout.split())


def test_where_no_clean_root_can_be_made_it_says_so(tmp_path):
    """As nobody, in a copy that anybody may read."""
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests/clean_root.sh", tmp_path / "tests/clean_root.sh")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    as_nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(["bash", "tests/clean_root.sh", "true"], cwd=tmp_path, capture_output=True, text=True, timeout=30 * SLOWNESS, **as_nobody)
    assert done.returncode == 77 and "no clean root: this needs root" in done.stderr
    assert os.listdir(tmp_path) == ["tests"]


def test_forms_of_deployment_that_there_are_not():
    done = run("deploy/test.sh", "nonsense")
    assert done.returncode == 2 and "usage: deploy/test.sh" in done.stderr and done.stdout == ""


def test_the_suite_of_deployments_names_its_forms(monkeypatch):
    monkeypatch.setenv("ONLY", "nonsense")
    done = run("tests/run.sh", "deploy")
    assert done.returncode == 2 and "package|examples|container|compose|kubernetes" in done.stderr


@pytest.mark.parametrize("form", ["container", "compose", "kubernetes"])
def test_where_a_form_of_deployment_can_t_be_tested_it_says_so(form, tmp_path):
    """As nobody, in a copy that anybody may read."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    as_nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {name: value for name, value in os.environ.items() if name != "BEARWARD_STORAGE"}
    done = subprocess.run(
        ["bash", f"deploy/{form}/test.sh"], cwd=tmp_path, capture_output=True, text=True, timeout=30 * SLOWNESS, env=environment, **as_nobody)
    assert done.returncode == 77 and done.stderr.count("\n") == 1 and "this needs root" in done.stderr

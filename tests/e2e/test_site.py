"""The documentation site is built from the tree, and what is wrong with a link in it is an error."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from conftest import ROOT, SLOWNESS

FOLDERS = ("config", "policies", "proxy", "bench", "deploy")


@pytest.fixture(autouse=True)
def time_limit():
    """In place of the usual one: to build a site takes seconds, and minutes on a slow machine."""
    def give_up(*_):
        raise TimeoutError("the test ran too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(150 * SLOWNESS)
    yield
    signal.alarm(0)


def run(*command, **environment):
    """(exit code, what it said on stderr)"""
    done = subprocess.run(command, env={**os.environ, "FILES_URL": "", **environment}, capture_output=True, text=True, timeout=140 * SLOWNESS)
    return done.returncode, done.stderr


def build(root, output):
    return run(root / "deploy/site/build.sh", output)


@pytest.fixture
def copy(tmp_path):
    """A tree like this one that may be changed, with less in it."""
    root = tmp_path / "tree"
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.md"):
            if "node_modules" not in path.parts:
                (root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
                (root / path.relative_to(ROOT)).write_text(f"# {path.name}\n")
    for name in ("config/examples", "deploy/prometheus", "deploy/examples", "deploy/browser"):
        shutil.copytree(ROOT / name, root / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "*.md"))
    shutil.copytree(ROOT / "deploy/site", root / "deploy/site", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "deploy/install_packages.sh", root / "deploy")
    for name in ("CHANGELOG.md", "LICENSE"):
        (root / name).write_text("x\n")
    (root / "README.md").write_text("# Bearward\n\nSee the [reference](config/REFERENCE.md).\n")
    return root


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    output = tmp_path_factory.mktemp("built") / "site"
    assert build(ROOT, output) == (0, "")
    return output


def article(site, page):
    return (site / page).read_text().split("<article")[1].split("</article>")[0]


def test_every_document_and_example_has_its_page(site):
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.md"):
            if "node_modules" not in path.parts:
                name = path.with_name("index.md") if path.name == "README.md" else path
                assert (site / name.relative_to(ROOT).with_suffix(".html")).exists(), path
    for path in (ROOT / "config/examples").glob("*.yaml"):
        assert "upstreams" in article(site, f"config/examples/{path.name}.html"), path
    assert 'href="config/REFERENCE.html#warnings"' in article(site, "index.html")
    assert 'href="config/examples/keycloak.yaml.html"' in article(site, "index.html")
    assert 'href="../index.html"' in article(site, "deploy/RUNBOOK.html")
    assert (site / "deploy/grafana/dashboard.json").read_text() == (ROOT / "deploy/grafana/dashboard.json").read_text()


def test_nothing_of_a_documents_form_is_left_over(site):
    """Lists, tables, links and code are what they are meant to be."""
    for path in site.rglob("*.html"):
        text = path.read_text()
        if "<article" in text:
            text = re.sub(r"<(pre|code)[^>]*>.*?</\1>", "", text.split("<article")[1].split("</article>")[0], flags=re.DOTALL)
            text = re.sub(r"<[^>]+>", "", text)
            assert not re.search(r"(?m)^\s*[*-] |\]\(|\*\*|\|.*\||```", text), path


def test_the_site_can_be_searched(site):
    assert 'data-md-component="search"' in (site / "index.html").read_text()
    assert "tenant_mismatch" in (site / "search/search_index.json").read_text()


def test_a_site_is_replaced_and_another_folder_is_not(copy, site, tmp_path):
    output = tmp_path / "site"
    shutil.copytree(site, output)
    (output / "old.html").write_text("")
    assert build(copy, output) == (0, "")
    assert not (output / "old.html").exists() and "See the" in article(output, "index.html")
    other = tmp_path / "precious"
    other.mkdir()
    (other / "file").write_text("x")
    code, said = build(copy, other)
    assert code == 1 and "no site of before" in said and os.listdir(other) == ["file"]


def add(root, text):
    (root / "README.md").write_text((root / "README.md").read_text() + f"\n{text}\n")


def place_that_is_gone(root):
    add(root, "[place](config/REFERENCE.md#no-such-key)")


def page_that_is_gone(root):
    (root / "policies/THREAT-MODEL.md").unlink()


@pytest.mark.parametrize("defect, said", [(place_that_is_gone, "index.html: config/REFERENCE.html#no-such-key: no such place"), (page_that_is_gone, "THREAT-MODEL.md")])
def test_a_defect_fails_the_build(copy, tmp_path, defect, said):
    defect(copy)
    code, told = build(copy, tmp_path / "site")
    assert code == 1 and said in told and not (tmp_path / "site").exists()


def assemble(root, output, **environment):
    return run("/usr/bin/python3", root / "deploy/site/assemble.py", output, **environment)


def test_files_without_a_page_are_text_or_lead_to_the_repository(copy, tmp_path):
    add(copy, "Ask the [build file](CMakeLists.txt), `[code](CMakeLists.txt)`.\n```\n[fenced](CMakeLists.txt)\n```")
    (copy / "CMakeLists.txt").write_text("#")
    assert assemble(copy, tmp_path / "plain") == (0, "")
    assert "Ask the build file, `[code](CMakeLists.txt)`.\n```\n[fenced](CMakeLists.txt)\n```" in (tmp_path / "plain/index.md").read_text()
    assert assemble(copy, tmp_path / "linked", FILES_URL="https://git.test/bearward/blob/main/") == (0, "")
    assert "the [build file](https://git.test/bearward/blob/main/CMakeLists.txt), `[code](CMakeLists.txt)`" in (tmp_path / "linked/index.md").read_text()


@pytest.mark.parametrize("link", ["config/GONE.md", "../outside.md", "/etc/passwd", "config/examples/gone.yaml"])
def test_links_that_lead_to_nothing(copy, tmp_path, link):
    add(copy, f"[gone]({link})")
    assert assemble(copy, tmp_path / "pages") == (1, f"site: README.md: {link} leads to nothing\n")


@pytest.mark.parametrize("html, said", [
    ('<a href="other.html#there">', None), ('<a href="folder/">', None), ('<a href="https://elsewhere.test/">', None), ('<a href="#here">', None),
    ('<img src="data:image/png;base64,AA==">', None),
    ('<a href="gone.html">', "index.html: gone.html: no such file"), ('<a href="other.html#gone">', "index.html: other.html#gone: no such place"),
    ('<a href="#gone">', "index.html: #gone: no such place"), ('<img src="gone.png">', "index.html: gone.png: no such file"),
    ('<img src="https://elsewhere.test/x.png">', "index.html: img loads https://elsewhere.test/x.png from elsewhere"),
    ('<script src="//elsewhere.test/x.js">', "index.html: script loads //elsewhere.test/x.js from elsewhere"),
    ("", "there are no links"),
])
def test_links_of_a_site(tmp_path, html, said):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/index.html").write_text("<p>")
    (tmp_path / "other.html").write_text('<h1 id="there">')
    (tmp_path / "index.html").write_text(f'<h1 id="here">{html}')
    assert run("/usr/bin/python3", ROOT / "deploy/site/check_links.py", tmp_path) == ((1, f"site: {said}\n") if said else (0, ""))

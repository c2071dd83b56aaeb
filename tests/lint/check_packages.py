"""deploy/install_packages.sh brings what tests, benchmarks and scripts use: each Python and Node module, and each program.

A machine at hand has more than a clean one. So every module and program has its Debian package here; where it is installed, dpkg must agree, and what is
installed must not be newer than Debian 12's: then it came from elsewhere, and the clean machine has another.
"""

import ast
import functools
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import repository

MODULES = {
    "cryptography": "python3-cryptography", "django": "python3-django", "fastapi": "python3-fastapi", "flask": "python3-flask", "httpx": "python3-httpx",
    "jose": "python3-jose", "jwt": "python3-jwt", "matplotlib": "python3-matplotlib", "passlib": "python3-passlib", "pydantic": "python3-pydantic",
    "pytest": "python3-pytest", "sqlalchemy": "python3-sqlalchemy", "uvicorn": "python3-uvicorn", "websockets": "python3-websockets", "yaml": "python3-yaml",
}
NODE_MODULES = {"ajv": "node-ajv", "express": "node-express", "undici": "node-undici"}
PROGRAMS = {
    "buildah": "buildah", "caddy": "caddy", "ccache": "ccache", "chromedriver": "chromium-driver", "chromium": "chromium", "clang++-19": "clang-19",
    "clang-19": "clang-19", "clang-format-19": "clang-format-19", "clang-tidy-19": "clang-tidy-19", "cmake": "cmake", "cpack": "cmake",
    "ctest": "cmake", "curl": "curl", "debootstrap": "debootstrap", "git": "git", "gunicorn": "gunicorn", "haproxy": "haproxy",
    "kubectl": "kubernetes-client", "lighttpd": "lighttpd", "llvm-symbolizer-19": "llvm-19", "man": "man-db", "mkdocs": "mkdocs", "nginx": "nginx",
    "ninja": "ninja-build", "node": "nodejs", "npm": "npm", "objcopy": "binutils", "openssl": "openssl", "php": "php-cli", "podman": "podman",
    "podman-compose": "podman-compose", "promtool": "prometheus", "python3": "python3", "redis-server": "redis-server", "shellcheck": "shellcheck",
    "slowhttptest": "slowhttptest", "strace": "strace", "strip": "binutils", "systemd-analyze": "systemd", "valgrind": "valgrind", "wrk": "wrk",
}
# On a machine these may come from elsewhere; in a clean root they are Debian's.
ELSEWHERE = {"node", "npm", "kubectl"}
# What every Debian 12 has (debootstrap --variant=minbase).
BASE = {
    "apt", "bash", "coreutils", "dash", "debianutils", "diffutils", "dpkg", "findutils", "grep", "gzip", "hostname", "libc-bin", "login", "mawk", "mount",
    "passwd", "perl-base", "sed", "tar", "util-linux",
}
# The purposes of install_packages.sh that a file's user has asked for; the first that fits.
PURPOSES = [
    ("tests/e2e/test_metrics_tools.py", ["build", "test", "operation"]), ("deploy/container/assemble.sh", ["build", "image"]),
    ("deploy/container/compile.sh", ["build", "image"]), ("deploy/debian_root.sh", ["root"]), ("deploy/kubernetes/", ["container", "kubernetes"]),
    ("deploy/container/", ["container"]), ("deploy/examples/", ["build", "test"]), ("deploy/compose/", ["container", "compose"]),
    ("deploy/package/", ["build", "package", "unit"]), ("deploy/site/", ["site"]), ("tests/lint/", ["build", "test", "lint"]),
    ("tests/e2e/", ["build", "test"]), ("deploy/", ["build"]), ("bench/", ["build", "bench", "micro"]),
    ("tests/", ["build", "test", "lint", "sanitize", "analyse", "root", "npm"]),
    (".ci/", ["build", "test", "lint", "sanitize", "analyse", "micro", "root", "npm"]),
]
SHELL_OWN = set("""if then else elif fi for while until do done case esac in function select time exit exec cd echo printf read readarray test true false
    set shift trap wait export local readonly unset source eval return command type ulimit umask let declare kill break continue pwd mapfile""".split())


@functools.cache
def brought(purposes):
    run = subprocess.run([repository.ROOT / "deploy/install_packages.sh", "--list", *purposes], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def purposes_of(path):
    return next(tuple(purposes) for prefix, purposes in PURPOSES if str(path).startswith(prefix))


@functools.cache
def owners():
    """File -> package, of all that is installed."""
    found = {}
    for listing in pathlib.Path("/var/lib/dpkg/info").glob("*.list"):
        package = listing.stem.split(":")[0]
        found.update((file, package) for file in listing.read_text(encoding="utf-8").splitlines())
    return found


def owner_of_file(file):
    """The package of an installed file, whether it was packed for / or for /usr; None: no package has it."""
    names = [variant for name in (file, os.path.realpath(file)) for variant in (name, name.removeprefix("/usr"))]
    return next((owners()[name] for name in names if name in owners()), None)


@functools.cache
def differs(package, owner):
    """Whether the owner is another than the package and none that it depends on, as a package without files does."""
    run = subprocess.run(["dpkg-query", "-W", "-f=${Depends} ${Pre-Depends}", package], capture_output=True, text=True)
    return owner not in (package, *re.findall(r"[a-z0-9][a-z0-9.+-]+", run.stdout))


@functools.cache
def versions():
    """Package -> (installed, [what Debian's archives offer]); without lists of the archives nothing is offered."""
    packages = sorted({*MODULES.values(), *NODE_MODULES.values(), *PROGRAMS.values()})
    run = subprocess.run(["apt-cache", "policy", *packages], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    found = {}
    for name, installed, table in re.findall(r"^(\S+):\n  Installed: (\S+)\n.*\n  Version table:\n((?: .*\n)*)", run.stdout, re.MULTILINE):
        offered, version = [], None
        for line in table.splitlines():
            if row := re.match(r" (?:\*\*\*|   ) (\S+) \d+$", line):
                version = row[1]
            elif re.search(r"debian\S* bookworm", line):
                offered.append(version)
        found[name] = (installed, offered)
    return found


@functools.cache
def newer_than_debian(package):
    """The installed version, where it is newer than all that Debian's archives offer."""
    installed, offered = versions().get(package, ("(none)", []))
    if installed == "(none)" or not offered:
        return None
    newer = all(subprocess.run(["dpkg", "--compare-versions", installed, "gt", each]).returncode == 0 for each in offered)
    return installed if newer else None


def judge(path, kind, name, package, file):
    """What is wrong with the use of a module or program, as a list. package: of the table; file: where it is here, if it is."""
    owner = owner_of_file(file) if file else None
    if name in ELSEWHERE:
        owner = None
    elif file and not owner and package:
        return [f"{path}: {kind} {name} comes from {file}, which no package owns: on a clean machine it is {package}'s"]
    if owner in BASE:
        return []
    if not package:
        hint = f": here it is {owner}'s" if owner else ""
        return [f"{path}: {kind} {name}: check_packages.py does not know its package{hint}"]
    found = []
    if owner and differs(package, owner):
        found.append(f"{path}: {kind} {name} is {owner}'s here, check_packages.py says {package}")
    if package not in brought(purposes_of(path)):
        found.append(f"{path}: {kind} {name}: install_packages.sh does not bring {package} for {' '.join(purposes_of(path))}")
    if owner and (version := newer_than_debian(package)):
        found.append(f"{path}: {kind} {name}: {package} {version} is newer than Debian 12's: what works with it may not work on a clean machine")
    return found


def module_file(name):
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return spec and (spec.origin or next(iter(spec.submodule_search_locations or []), None))


def program_file(name):
    return name if name.startswith("/") and os.path.exists(name) else shutil.which(os.path.basename(name), path="/usr/sbin:/usr/bin:/sbin:/bin")


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def commands(tree):
    """First words of argument lists, and whether it is certain that they are run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] == "subprocess" and node.args and isinstance(node.args[0], ast.List):
            yield from ((first.value, True) for first in node.args[0].elts[:1] if isinstance(first, ast.Constant) and isinstance(first.value, str))
        elif isinstance(node, ast.List) and node.elts and isinstance(node.elts[0], ast.Constant) and isinstance(node.elts[0].value, str):
            if any(isinstance(each, ast.Constant) and str(each.value).startswith("-") for each in node.elts[1:]):
                yield node.elts[0].value, False
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "shutil.which" and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value, True


def shell_commands(text):
    """Words where a command may stand. Roughly: what is no program after all is not found as one."""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    own = set(re.findall(r"^\s*([a-z_]+)\(\)", text, re.MULTILINE))
    starts = r"(?:^|[;|&({!]|\$\(|\b(?:then|do|else|if|while|exec|timeout|command -v|env|nice|setpriv \S+ \S+)\b)"
    for word in re.findall(starts + r"\s*(?:[A-Z_]+=\S*\s+)*((?:/usr/s?bin/)?[a-z][a-z0-9+._-]*)(?=[\s;)|]|$)", text, re.MULTILINE):
        if word not in own | SHELL_OWN:
            yield word


def uses(path, own):
    """(kind, name, package, file) of what a file uses."""
    text = repository.text(path)
    if path.suffix == ".py":
        tree = ast.parse(text)
        for name in sorted(set(imports(tree)) - sys.stdlib_module_names - own):
            yield "module", name, MODULES.get(name), module_file(name)
        for name, certain in sorted(set(commands(tree))):
            short, file = os.path.basename(name), program_file(name)
            if certain or short in PROGRAMS or (file and "/" not in name and owner_of_file(file) not in BASE):
                yield "program", short, PROGRAMS.get(short), file
    elif path.suffix == ".js":
        for name in sorted(set(re.findall(r"""(?:require\(|from )["']([a-z][a-z0-9/@-]*)["']""", text))):
            folder = f"/usr/share/nodejs/{name}"
            if name in NODE_MODULES or os.path.exists(folder):
                yield "Node module", name, NODE_MODULES.get(name), folder if os.path.exists(folder) else None
    else:
        for name in sorted(set(shell_commands(text))):
            short, file = os.path.basename(name), program_file(name)
            if short in PROGRAMS or file:
                yield "program", short, PROGRAMS.get(short), file


paths = [path for path in repository.files(".py", ".js", ".sh", under=("tests", "bench", "deploy")) if path.name != "install_packages.sh"]
paths += [path for path in repository.files() if str(path) == ".ci/run"]
own = {path.stem for path in paths if path.suffix == ".py"} | {path.parent.name for path in paths if path.name == "__init__.py"}
findings, seen = [], set()
for path in paths:
    for kind, name, package, file in uses(path, own):
        seen.add(name)
        findings += judge(path, kind, name, package, file)
for name in {"curl", "pytest", "cmake", "express"} - seen:
    findings.append(f"no use of {name} was found: check_packages.py itself is broken")
repository.finish(sorted(set(findings)), paths)

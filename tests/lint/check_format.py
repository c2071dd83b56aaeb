"""Every C++ file is as clang-format-19 leaves it."""

import shutil
import subprocess

import repository

sources = repository.files(".cpp", ".hpp")
findings = []
if not shutil.which("clang-format-19"):
    findings.append("clang-format-19 is missing: deploy/install_packages.sh lint")
else:
    run = subprocess.run(
        ["clang-format-19", "--dry-run", "-Werror", "--style=file", *map(str, sources)],
        cwd=repository.ROOT, capture_output=True, text=True,
    )
    if run.returncode != 0:
        findings += [line for line in run.stderr.splitlines() if "error:" in line] or [run.stderr]
        findings.append("to fix: clang-format-19 -i FILE")
repository.finish(findings, sources)

"""Shell scripts parse, pass shellcheck, are strict, and are executable."""

import os
import shutil
import subprocess

import repository

scripts = repository.files(".sh") + [path for path in repository.files() if str(path) == ".ci/run"]
findings = []
if not shutil.which("shellcheck"):
    findings.append("shellcheck is missing: deploy/install_packages.sh lint")
for path in scripts:
    file = repository.ROOT / path
    commands = [["bash", "-n", str(file)]]
    if shutil.which("shellcheck"):
        commands.append(["shellcheck", "--external-sources", f"--source-path={repository.ROOT}", str(file)])
    for command in commands:
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            findings.append(f"{path}: {command[0]}:\n{run.stdout}{run.stderr}")
    if "set -euo pipefail" not in repository.text(path):
        findings.append(f"{path}: no 'set -euo pipefail'")
    if not os.access(file, os.X_OK):
        findings.append(f"{path}: not executable")
repository.finish(findings, scripts)

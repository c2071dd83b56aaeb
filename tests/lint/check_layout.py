"""The top level holds these entries and no others; sources are where the build looks for them."""

import re

import repository

FIXED = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "CHANGELOG.md",
    "proxy", "policies", "config", "tests", "deploy", "bench",
}
REQUIRED = FIXED - {"bench"}  # comes with the first benchmark

paths = repository.files()
top = {path.parts[0] for path in paths}
findings = [f"{name}: not a part of the top level" for name in sorted(top - FIXED) if not name.startswith(".")]
findings += [f"{name}: missing" for name in sorted(REQUIRED - top)]
for path in paths:
    if not re.fullmatch(r"[a-z0-9_.{}%-]+", path.name) and path.name not in {
        "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "CHANGELOG.md", "DESIGN.md", "BEHAVIOUR.md", "THREAT-MODEL.md",
        "REFERENCE.md", "RUNBOOK.md", "RESULTS.md", "Containerfile", "Chart.yaml",
    } and not {"corpus", "golden"} & set(path.parts):
        findings.append(f"{path}: file names are in snake_case")
    if path.parts[0] == "tests" and path.parts[1] == "unit" and path.suffix == ".cpp" and not path.name.endswith("_test.cpp"):
        findings.append(f"{path}: unit tests are named *_test.cpp, otherwise they are not built")
    if str(path).startswith("tests/e2e/") and re.search(r"^def test_", repository.text(path), re.MULTILINE) \
            and not re.fullmatch(r"test_\w+\.py|(soak|chaos)\.py", path.name):
        findings.append(f"{path}: end-to-end modules are named test_*.py, otherwise they are not run")
repository.finish(findings, paths)

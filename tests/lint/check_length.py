"""One idea a file: at most 300 lines in the three layers."""

import repository

LIMIT = 300
# path -> (limit, why it is one idea all the same)
LONGER = {}

findings = []
sources = repository.files(".cpp", ".hpp", under=("policies", "config", "proxy"))
for path in sources:
    limit, _ = LONGER.get(str(path), (LIMIT, ""))
    length = len(repository.text(path).splitlines())
    if length > limit:
        findings.append(f"{path}: {length} lines, the limit is {limit}")
for path in LONGER:
    if path not in map(str, sources):
        findings.append(f"{path}: listed as longer, but it is not there")
repository.finish(findings, sources)

"""Every header begins with a comment that says what it is for, then guards itself once."""

import repository

findings = []
headers = repository.files(".hpp")
for path in headers:
    lines = repository.text(path).splitlines()
    if not lines or not lines[0].startswith("// ") or len(lines[0]) < 20:
        findings.append(f"{path}:1: the first line is a comment that says what the header is for")
        continue
    first_code = next((line for line in lines if line and not line.startswith("//")), "")
    if first_code != "#pragma once":
        findings.append(f"{path}: #pragma once follows the comment")
repository.finish(findings, headers)

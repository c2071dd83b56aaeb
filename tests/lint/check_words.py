"""Nothing is left open in the code, and no test is switched off."""

import re

import repository

OPEN = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
SWITCHED_OFF = re.compile("|".join(["GTEST_" + "SKIP", "DISABLED" + "_", r"pytest\.mark\.(skip|xfail)", r"pytest\.skip"]))

findings = []
paths = [path for path in repository.files(".cpp", ".hpp", ".py", ".sh", ".md", ".txt", ".yaml", ".yml") if not {"corpus", "golden"} & set(path.parts)]
for path in paths:
    for number, line in enumerate(repository.text(path).splitlines(), 1):
        if OPEN.search(line):
            findings.append(f"{path}:{number}: left open: {line.strip()}")
        if SWITCHED_OFF.search(line) and path.name != "check_words.py":
            findings.append(f"{path}:{number}: a test is switched off: {line.strip()}")
repository.finish(findings, paths)

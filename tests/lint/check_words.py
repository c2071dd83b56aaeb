"""Nothing is left open in the code, no test is switched off, and comments and documents are in plain present-day English.

The words are those that were found here once and are always wrong. A word that is right in some places is not in the list.
"""

import re

import repository

OPEN = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
SWITCHED_OFF = re.compile("|".join(["GTEST_" + "SKIP", "DISABLED" + "_", r"pytest\.mark\.(skip|xfail)", r"pytest\.skip"]))
# (the turn, the plain word)
TURNS = [
    (r"(?<!can't )\b(is|are|was|were|be|been|being) told\b(?! (to|apart|from)\b)", "reported, notified, announced, or what it gets"),
    (r"\bknows no\b", "has no, does not know"),
    (r"\bnobody else\b", "no other thread, no other client"),
    (r"\b(has|have|had) to outlive\b", "must outlive"),
    (r"\bown accord\b", "by itself"),
    (r"\bin vain\b", "without success, finds nothing"),
    (r"\bmend(s|ed|ing)?\b", "fix, repair"),
    (r"\breckon(s|ed|ing)?\b", "count, compute"),
    (r"\b(lest|thereby|thereof|therein|whence|wherefore|wherein|hitherto|hence|henceforth|whilst|amidst|save for|forsake)\b", "so, because, while, except"),
    (r"\bdeaf\b", "does not read"),
    (r"\bgoodbye\b", "what is sent at the end"),
    (r"\bfloors?\b(?![<(])", "level"),
    (r"\bof nobody\b", "of none"),
]
TURN = re.compile("|".join(f"(?P<t{number}>{turn})" for number, (turn, _) in enumerate(TURNS)), re.IGNORECASE)
CODE = {".cpp", ".hpp", ".py"}


def find_turns(text):
    """(line number, the turn, the plain word) of each turn in a text."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in TURN.finditer(line):
            index = next(int(name[1:]) for name, value in found.groupdict().items() if value)
            yield number, found[0], TURNS[index][1]


def words_of(path, text):
    """What is meant for readers: a document as it is; of code, lines with a comment or a text in them."""
    if path.suffix not in CODE:
        return text
    return "\n".join(line if re.search(r"""//|/\*|#|\*|"|'""", line) and not re.search(r"\bfloor<|\.floor\(|std::floor", line) else "" for line in text.splitlines())


findings = []
for sample in ("who is told of it", "it has to outlive this", "Nobody else waits", "a deaf client"):
    if not list(find_turns(sample)):
        findings.append(f"check_words.py is broken itself: it does not find '{sample}'")
for sample in ("keys are told apart", "it must outlive this", "as it is told to"):
    findings += [f"check_words.py is broken itself: it finds '{turn}' in '{sample}'" for _, turn, _ in find_turns(sample)]
paths = [path for path in repository.files(".cpp", ".hpp", ".py", ".sh", ".md", ".txt", ".yaml", ".yml") if not {"corpus", "golden"} & set(path.parts)]
for path in paths:
    text = repository.text(path)
    for number, line in enumerate(text.splitlines(), 1):
        if OPEN.search(line):
            findings.append(f"{path}:{number}: left open: {line.strip()}")
        if SWITCHED_OFF.search(line) and path.name != "check_words.py":
            findings.append(f"{path}:{number}: a test is switched off: {line.strip()}")
    if path.name != "check_words.py":
        findings += [f"{path}:{number}: '{turn}': say it plainly ({plain})" for number, turn, plain in find_turns(words_of(path, text))]
repository.finish(findings, paths)

"""Nothing is left open in the code, no test is switched off, and comments and documents are in plain present-day English, also where a line ends in a turn.

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
CPP = {".cpp", ".hpp"}


COMMENT = {True: re.compile(r"^\s*///?<?(.*)"), False: re.compile(r"^\s*#(.*)")}  # of C++, of others
PART = re.compile(r"^\s*(?:[-*|>]\s|\d+\.\s|#+\s|\|)")  # of a document: what begins a paragraph of its own


def join(lines):
    """One text of (line number, words), and the number of the line in which an offset of it lies."""
    text, begins = "", []
    for number, words in lines:
        begins.append((len(text), number))
        text += words.strip() + " "
    return text, lambda offset: max(number for begin, number in begins if begin <= offset)


def paragraphs(lines):
    """Of a document: what stands together, also where a line ends in between."""
    found = []
    for number, line in lines:
        if not line.strip():
            found.append([])
        elif PART.match(line) or not found:
            found.append([(number, line)])
        else:
            found[-1].append((number, line))
    return [each for each in found if each]


def is_for_readers(line, suffix):
    """A line of code is where a comment or a text is in it; of a script or of YAML each one is."""
    if suffix not in CPP | {".py"}:
        return True
    return re.search(r"""//|/\*|#|\*|"|'""", line) and not re.search(r"\bfloor<|\.floor\(|std::floor", line)


def comments(lines, suffix):
    """Of code: blocks of comments and docstrings, each joined; other lines for readers alone."""
    found, block, docstring = [], [], []
    for number, line in lines:
        if suffix == ".py" and (docstring or line.lstrip().startswith('"""')):
            found, block = [*found, block], []
            docstring.append((number, line))
            if line.count('"""') == 1 and len(docstring) > 1 or line.count('"""') == 2:
                found += paragraphs(docstring)
                docstring = []
            continue
        comment = COMMENT[suffix in CPP].match(line)
        if comment and comment[1].strip():
            block.append((number, comment[1]))
            continue
        found.append(block)
        block = []
        if is_for_readers(line, suffix):
            behind = re.search(r"//+<? (.*)", line)
            if suffix in CPP and behind and not re.search(r'"[^"]*//', line):  # it may go on in the lines below
                found.append([(number, line[: behind.start()])])
                block = [(number, behind[1])]
            else:
                found.append([(number, line)])
    return [each for each in [*found, block, *paragraphs(docstring)] if each]


def find_turns(text, suffix=".md"):
    """(line number, the turn, the plain word) of each turn in a text, also of those that a line end divides."""
    lines = list(enumerate(text.splitlines(), 1))
    for part in paragraphs(lines) if suffix == ".md" else comments(lines, suffix):
        joined, line_of = join(part)
        for found in TURN.finditer(joined):
            index = next(int(name[1:]) for name, value in found.groupdict().items() if value)
            yield line_of(found.start()), found[0], TURNS[index][1]


findings = []
for sample in ("who is told of it", "it has to outlive this", "Nobody else waits", "a deaf client"):
    if not list(find_turns(sample)):
        findings.append(f"check_words.py is broken itself: it does not find '{sample}'")
for suffix, sample in (
    (".cpp", "/// 0: nothing can be had, and nobody is\n/// told. More.\n"), (".hpp", "int a; ///< where a length was\n       ///< told\n"),
    (".py", '"""Whole, and nobody\nelse\'s."""\n'), (".py", "x = 1\n# Whole, and nobody\n# else's.\n"),
    (".sh", "# who is\n#   told of it\n"), (".md", "- it has to\n  outlive this\n"),
):
    if len(list(find_turns(sample, suffix))) != 1:
        findings.append(f"check_words.py is broken itself: it does not find one turn over a line end in {sample!r}")
for suffix, sample in ((".cpp", "// what it is\n\n// told apart from\n"), (".cpp", "int is; // what it was\nint told;\n"), (".md", "- what it is\n- told once\n")):
    findings += [f"check_words.py is broken itself: it finds '{turn}' in {sample!r}" for _, turn, _ in find_turns(sample, suffix)]
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
        findings += [f"{path}:{number}: '{turn}': say it plainly ({plain})" for number, turn, plain in find_turns(text, path.suffix)]
repository.finish(findings, paths)

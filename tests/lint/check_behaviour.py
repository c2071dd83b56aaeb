"""BEHAVIOUR.md and THREAT-MODEL.md: each sentence names what shows it, and that exists; a source cites only sentences that are there, and no document
outside the project.

The notation is explained at the top of policies/BEHAVIOUR.md. Before it looks at the repository, the check shows on made-up texts that it can fail.
"""

import fnmatch
import functools
import re

import repository

DOCUMENTS = ("proxy/BEHAVIOUR.md", "policies/BEHAVIOUR.md", "config/BEHAVIOUR.md")
THREATS = "policies/THREAT-MODEL.md"

SECTION = re.compile(r"^## (\d+) \S")
ITEM = re.compile(r"^- (\d+)\.(\d+) \S")
SHOWN = re.compile(r"\[((?:unit|integration|e2e|golden|simulation|defect|code): [^\]]+)\]$")
CITED = re.compile(r"\b((?:\w+/)?(?:BEHAVIOUR|THREAT-MODEL)\.md)((?:,? (?:and |to )?\d+(?:\.\d+)?)+)")
OUTSIDE = re.compile(r"\b" + "contract" + r"s?\b|_" + "contract", re.IGNORECASE)
KINDS = ("unit", "integration", "e2e", "golden", "simulation", "defect", "code")
FAULT = re.compile(r"\bfault\((.*?)\);", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SHORTEST_MESSAGE = 12  # of a part of the simulator's message: shorter ones say nothing
GTEST = re.compile(r"\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
PYTEST = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)


class Evidence:
    """What there is to name: kind -> the names."""

    def __init__(self, texts):
        """texts: path -> content, of files below tests/."""
        self.names = {kind: set() for kind in KINDS}
        for path, content in texts.items():
            if path.startswith(("tests/unit/", "tests/integration/")):
                self.names[path.split("/")[1]] |= {".".join(each) for each in GTEST.findall(content)}
            elif path.startswith("tests/e2e/test_"):
                self.names["e2e"] |= {f"{path.removeprefix('tests/e2e/')}::{name}" for name in PYTEST.findall(content)}
            elif path.startswith("tests/golden/"):
                self.names["golden"].add(path.removeprefix("tests/golden/"))
            elif path.startswith("tests/simulation/mutants/"):
                self.names["defect"].add(path.removeprefix("tests/simulation/mutants/").removesuffix(".patch"))
            elif re.match(r"tests/simulation/\w+\.[ch]pp$", path):
                for message in FAULT.findall(content):
                    self.names["simulation"] |= {text.strip() for text in LITERAL.findall(message)}
            else:
                self.names["code"].add(path)

    def lacks(self, kind, name):
        if kind == "simulation" and len(name) < SHORTEST_MESSAGE:
            return True
        if kind == "golden" and "*" in name:
            return not fnmatch.filter(self.names["golden"], name)
        return name not in self.names[kind]

    def missing(self, shown, names_code):
        """Of `unit: a.b, c.d; e2e: f.py::g`: what does not exist, or is not enough. names_code: the document names the code beside the tests."""
        kinds = {part.strip().partition(": ")[0] for part in shown.split(";")}
        if not kinds - {"code"}:
            yield "names no test that shows it"
        if ("code" in kinds) != names_code:
            yield "names no code" if names_code else "names code, which shows nothing: name a test"
        for part in shown.split(";"):
            kind, colon, names = part.strip().partition(": ")
            if not colon or kind not in self.names:
                yield f"'{part.strip()}' is no kind of test and a name"
                continue
            for name in [names] if kind == "simulation" else [each.strip() for each in names.split(",")]:
                if self.lacks(kind, name):
                    yield f"there is no {kind} '{name}'"


def check_document(path, content, evidence, is_threats=False):
    """(findings, the numbers of its sections and sentences). is_threats: sentences name code too, and sections without a number are remarks."""
    findings, numbers, section, highest = [], set(), 0, 0
    for line_number, line in enumerate(content.splitlines(), 1):
        where = f"{path}:{line_number}"
        if line.startswith("## "):
            heading = SECTION.match(line)
            if not heading and is_threats:
                section = 0
                continue
            if not heading or int(heading[1]) <= highest:
                findings.append(f"{where}: sections have ascending numbers")
                continue
            section = highest = int(heading[1])
            last = 0
            numbers.add(str(section))
        elif line.startswith("- ") and section:
            item = ITEM.match(line)
            if not item or int(item[1]) != section or int(item[2]) <= last:
                findings.append(f"{where}: sentences of section {section} have ascending numbers {section}.N")
                continue
            last = int(item[2])
            numbers.add(f"{section}.{last}")
            shown = SHOWN.search(line)
            if not shown:
                findings.append(f"{where}: {section}.{last} names no test that shows it")
            else:
                findings += [f"{where}: {section}.{last}: {what}" for what in evidence.missing(shown[1], is_threats)]
        elif line.strip() and section:
            findings.append(f"{where}: in section {section}, and no sentence with a number: what is not shown stands before the first section")
    if not numbers:
        findings.append(f"{path}: no sentences were found")
    return findings, numbers


def check_citations(path, content, known):
    """known: document -> numbers of its sections and sentences."""
    for document, numbers in CITED.findall(content):
        full = document if "/" in document else f"{path.split('/')[0]}/{document}"
        for number in re.findall(r"\d+(?:\.\d+)?", numbers):
            if number not in known.get(full, ()):
                yield f"{path}: cites {full} {number}, which does not exist"
    if path != "LICENSE" and OUTSIDE.search(content):
        yield f"{path}: cites a document that is not part of the project: {OUTSIDE.search(content)[0]}"


def self_test():
    """The faults that the check is for, each found in a text that has it."""
    evidence = Evidence({
        "tests/unit/a_test.cpp": "TEST_F(suite, one) {", "tests/e2e/test_x.py": "def test_y(app):\n", "tests/golden/config/bad/z.yaml": "",
        "tests/simulation/ledger.cpp": 'fault(what, "its token reached " + name); name("not a message"); fault("short");',
        "tests/simulation/mutants/leak.patch": "", "proxy/main.cpp": "",
    })
    sound = "Remarks.\n\n## 1 A\n\n- 1.1 B. [unit: suite.one; e2e: test_x.py::test_y; golden: config/bad/*.yaml; simulation: its token reached; defect: leak]\n"
    broken = {
        "no test": "## 1 A\n- 1.1 B.\n", "a unit test": "## 1 A\n- 1.1 B. [unit: suite.two]\n", "a function": "## 1 A\n- 1.1 B. [e2e: test_x.py::test_z]\n",
        "a case": "## 1 A\n- 1.1 B. [golden: config/bad/*.txt]\n", "a fault": "## 1 A\n- 1.1 B. [simulation: its tokens reached]\n",
        "a part of a fault": "## 1 A\n- 1.1 B. [simulation: its token reach]\n", "a short fault": "## 1 A\n- 1.1 B. [simulation: short]\n",
        "a text that is no fault": "## 1 A\n- 1.1 B. [simulation: not a message]\n",
        "code alone": "## 1 A\n- 1.1 B. [code: proxy/main.cpp]\n", "code": "## 1 A\n- 1.1 B. [unit: suite.one; code: proxy/main.cpp]\n",
        "prose": "## 1 A\n\nIt never does.\n\n- 1.1 B. [unit: suite.one]\n", "another list": "## 1 A\n* It never does.\n- 1.1 B. [unit: suite.one]\n",
        "a table": "## 1 A\n- 1.1 B. [unit: suite.one]\n| C |\n",
        "a defect": "## 1 A\n- 1.1 B. [unit: suite.one; defect: none]\n", "a kind": "## 1 A\n- 1.1 B. [unit: suite.one; test: x]\n",
        "a number": "## 1 A\n- 2.1 B. [unit: suite.one]\n", "an order": "## 2 A\n- 2.1 B. [unit: suite.one]\n- 2.1 C. [unit: suite.one]\n", "nothing": "",
    }
    findings, numbers = check_document("made/up.md", sound, evidence)
    failed = [f"the sound text: {finding}" for finding in findings]
    failed += [f"not found: {name}" for name, text in broken.items() if not check_document("made/up.md", text, evidence)[0]]
    threats = {
        "code and a test": ("## 1 A\n- 1.1 B. [code: proxy/main.cpp; unit: suite.one]\n\n## Remarks\n\nC.\n", False), "no code": ("## 1 A\n- 1.1 B. [unit: suite.one]\n", True),
        "no test": ("## 1 A\n- 1.1 B. [code: proxy/main.cpp]\n", True), "no such code": ("## 1 A\n- 1.1 B. [code: proxy/none.cpp; unit: suite.one]\n", True),
    }
    failed += [f"threats with {name}" for name, (text, wrong) in threats.items() if bool(check_document("made/up.md", text, evidence, is_threats=True)[0]) != wrong]
    known = {"policies/BEHAVIOUR.md": numbers}
    failed += ["a sound citation" for _ in check_citations("policies/a.hpp", "(BEHAVIOUR.md 1.1)", known)]
    for text in ("(policies/BEHAVIOUR.md 1.1, 1.2)", "(proxy/BEHAVIOUR.md 1.1)", "(policies/BEHAVIOUR.md 2)", "(cont" + "ract 3.4)", "of_the_cont" + "ract"):
        failed += [] if list(check_citations("policies/a.hpp", text, known)) else [f"not found: {text}"]
    return [f"check_behaviour.py is broken itself: {each}" for each in failed]


@functools.cache
def readable(path):
    try:
        return repository.text(path)
    except UnicodeDecodeError:
        return ""


paths = [path for path in repository.files() if "corpus" not in path.parts]
code = {str(path): readable(path) for path in paths if path.suffix in (".cpp", ".hpp") or path.parts[0] == "tests"}
evidence = Evidence(code)
findings = self_test()
known = {}
for document in (*DOCUMENTS, THREATS):
    found, known[document] = check_document(document, repository.text(document), evidence, is_threats=document == THREATS)
    findings += found
for path in paths:
    if path.name != "check_behaviour.py" and "golden" not in path.parts:
        findings += check_citations(str(path), readable(path), known)
repository.finish(findings, paths)

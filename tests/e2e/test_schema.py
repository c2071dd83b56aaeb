"""The JSON Schema: taken by ajv, and of one mind with the loader wherever a schema can have one."""

import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml
from conftest import BINARY, ROOT, SLOWNESS

CASES = ROOT / "tests/golden/config"

# Validates documents, one JSON value a line on stdin: "ok", or the first error.
VALIDATE = """
const Ajv = require("ajv");
const ajv = new Ajv({allErrors: false});
const validate = ajv.compile(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")));
for (const line of require("fs").readFileSync(0, "utf8").trim().split("\\n")) {
  console.log(validate(JSON.parse(line)) ? "ok" : JSON.stringify(validate.errors[0]));
}
"""

# What the loader says of a document's form alone; the rest (names, keys, paths, ranges of durations) no schema sees.
FORM = re.compile(
    r": (unknown key|required, but missing; expected a (list|map)|the (list|map) is empty|exactly one of .* is needed"
    r"|isn't supported yet|'[^']*' isn't supported yet|'[^']*' isn't accepted; accepted"
    r"|expected .*; found (a list|a map|nothing)$)")
# Of a route the schema doesn't know what `defaults` gives it, nor what other files say.
BEYOND = re.compile(r"^\.\./|: error: (routes\[\d+\]\.(upstream|providers)|defaults\.[^:]*): required|: error: include")


def plain_value(text):
    """A plain scalar's value in YAML 1.2's core schema."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch(r"0o[0-7]+", text):
        return int(text[2:], 8)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


class too_large(Exception):
    """Aliases may come to more than there is memory for."""


def to_json(node, budget):
    budget[0] -= 1
    if budget[0] < 0:
        raise too_large
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode):
        return plain_value(node.value) if node.style is None else node.value
    if isinstance(node, yaml.SequenceNode):
        return [to_json(each, budget) for each in node.value]
    return {key.value: to_json(value, budget) for key, value in node.value}


def documents(folder):
    """name -> JSON value, of those that YAML can read and that need no environment."""
    found = {}
    for path in sorted((CASES / folder).glob("*.yaml")):
        text = path.read_bytes()
        if b"${" in text:
            continue
        try:
            nodes = list(yaml.compose_all(text.decode("utf-8-sig")))
            found[path.name] = json.dumps(to_json(nodes[0] if nodes else None, [20_000]), allow_nan=False)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, AttributeError, TypeError, RecursionError, too_large):
            continue
    return found


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "schema.json"
    with open(path, "wb") as out:
        subprocess.run([BINARY, "schema"], stdout=out, check=True, timeout=30 * SLOWNESS)
    return path


def validate(schema, values):
    done = subprocess.run(
        ["node", "-e", VALIDATE, str(schema)], input="\n".join(values), capture_output=True, text=True, timeout=60 * SLOWNESS,
        env={**os.environ, "NODE_PATH": "/usr/share/nodejs"})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split("\n")


def test_good_documents_are_valid(schema):
    values = documents("good")
    assert len(values) >= 20
    verdicts = dict(zip(values, validate(schema, values.values()), strict=True))
    assert {name: verdict for name, verdict in verdicts.items() if verdict != "ok"} == {}


def test_examples_are_valid(schema):
    paths = sorted((ROOT / "config/examples").rglob("*.yaml"))
    values = [json.dumps(to_json(yaml.compose(path.read_text()), [20_000])) for path in paths]
    assert len(values) >= 2
    assert dict(zip(paths, validate(schema, values), strict=True)) == {path: "ok" for path in paths}


def test_documents_of_a_wrong_form_are_not(schema):
    values = documents("bad")
    wrong = {}
    for name, value in values.items():
        lines = (CASES / "bad" / name).with_suffix(".expected").read_text().splitlines()
        about = [line for line in lines if ": error: " in line and FORM.search(line) and not BEYOND.search(line)]
        if about:
            wrong[name] = (value, about)
    assert len(wrong) >= 40
    verdicts = validate(schema, [value for value, _ in wrong.values()])
    accepted = {name: about for (name, (_, about)), verdict in zip(wrong.items(), verdicts, strict=True) if verdict == "ok"}
    assert accepted == {}


def test_what_the_schema_refuses_the_loader_refuses(schema):
    """Over all cases: nothing that loads is invalid, however it came to be in one folder or the other."""
    for folder in ("good", "bad"):
        values = documents(folder)
        for name, verdict in zip(values, validate(schema, values.values()), strict=True):
            if verdict != "ok":
                done = subprocess.run([BINARY, "check", "--offline", "-c", str(CASES / folder / name)], capture_output=True, timeout=30 * SLOWNESS)
                assert done.returncode == 1, (name, verdict)


def test_it_describes_every_key(schema):
    data = json.loads(pathlib.Path(schema).read_text())
    assert data["$schema"] == "http://json-schema.org/draft-07/schema#"
    sections = [data, *data["definitions"].values()]
    assert sum(len(section["properties"]) for section in sections) >= 100
    assert all(key["description"] for section in sections for key in section["properties"].values())

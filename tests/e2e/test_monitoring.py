"""Dashboard, alerts and runbook speak of what there is: every metric, label and word in them comes from a scrape or from the sources' tables, and none is left out."""

import json
import re

import pytest
import yaml
from conftest import ROOT
from metrics_traffic import used_bearward
from test_metrics import LABEL, SAMPLE

DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text())
ALERTS = [rule for group in yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"] for rule in group["rules"]]
ALERT_TESTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts_test.yaml").read_text())["tests"]
RUNBOOK = (ROOT / "deploy/RUNBOOK.md").read_text()
METRIC = re.compile(r"\b(bearward_\w+|process_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
OF_PROMETHEUS = {"job", "instance"}  # what a scrape adds


def words_of(path, table):
    """The words of a table of the sources."""
    text = (ROOT / path).read_text()
    rows = text[text.index(f" {table} = "):].split("});")[0]
    return re.findall(r'^\s*\{[\w:]+, "([a-z_0-9]+)"', rows, re.MULTILINE)


REASONS = words_of("policies/reason_table.hpp", "reason_table")
CLOSES = words_of("proxy/telemetry/tunnel_end.hpp", "tunnel_end_table")
STREAM_ENDS = words_of("proxy/telemetry/stream_end.hpp", "stream_end_table")
LOSSES = words_of("proxy/telemetry/log_losses.hpp", "log_loss_table")
# (metric, label) -> what it may be
WORDS = {
    ("bearward_decisions_total", "reason"): REASONS,
    ("bearward_decisions_total", "mode"): ["enforce", "observe", "observe_all"],
    ("bearward_websocket_closes_total", "reason"): CLOSES + REASONS,
    ("bearward_stream_ends_total", "reason"): STREAM_ENDS,
    ("bearward_log_lines_lost_total", "reason"): LOSSES,
    ("bearward_upstream_errors_total", "reason"): REASONS,
}


def metrics_of_the_sources():
    text = "".join(path.read_text() for path in (ROOT / "proxy").rglob("*.cpp"))
    return set(re.findall(r'"((?:bearward|process)_[a-z_]+)"', text))


class scrape:
    """labels: metric -> the names of its labels. values: (metric, label) -> the values that it had."""

    def __init__(self, text):
        self.kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        self.labels, self.values = {"up": set()}, {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, _ = SAMPLE.match(line).groups()
            self.labels.setdefault(name, set())
            for label, value in LABEL.findall(labels or ""):
                self.labels[name].add(label)
                self.values.setdefault((name, label), set()).add(value)


@pytest.fixture(scope="module")
def scraped(tmp_path_factory, http_upstream, websocket_upstream):
    with used_bearward(tmp_path_factory.mktemp("used"), http_upstream, websocket_upstream) as process:
        return scrape(process.admin("/metrics")[1])


def panels():
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions():
    """(where, expression, the labels that its legend names)"""
    found = [(rule["alert"], rule["expr"], re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) for rule in ALERTS]
    found += [(panel["title"], target["expr"], re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) for panel in panels() for target in panel["targets"]]
    found += [(note["name"], note["expr"], re.findall(r"\{\{(\w+)\}\}", note["textFormat"])) for note in DASHBOARD["annotations"]["list"]]
    return found


def findings(where, expression, named, known):
    """What in an expression there is not."""
    found, labels = [], set(OF_PROMETHEUS)
    for metric, matchers in METRIC.findall(expression):
        if metric not in known.labels:
            found.append(f"{where}: no metric {metric}")
            continue
        labels |= known.labels[metric]
        for label, _, value in MATCHER.findall(matchers):
            if label not in known.labels[metric] | OF_PROMETHEUS:
                found.append(f"{where}: {metric} has no label {label}")
            words = WORDS.get((metric, label)) or known.values.get((metric, label), set())
            if label not in OF_PROMETHEUS | {"route", "code"}:
                found += [f"{where}: {metric} has no {label}={word}" for word in value.split("|") if word not in words]
    used = {label.strip() for part in GROUPING.findall(expression) for label in part.split(",")} | set(named)
    return found + [f"{where}: no label {label}" for label in sorted(used - labels)]


def test_the_traffic_makes_every_metric_that_the_sources_have(scraped):
    assert metrics_of_the_sources() == set(scraped.kinds)


def test_dashboard_and_alerts_ask_for_what_there_is(scraped):
    assert [finding for each in expressions() for finding in findings(*each, scraped)] == []


@pytest.mark.parametrize("expression, named, said", [
    ("rate(bearward_request_total[5m])", [], "no metric bearward_request_total"),
    ("bearward_connections{route=~\"x\"}", [], "bearward_connections has no label route"),
    ("sum by (provider) (bearward_connections)", [], "no label provider"),
    ("bearward_connections", ["route"], "no label route"),
    ('bearward_decisions_total{reason=~"ok|token_broken"}', [], "bearward_decisions_total has no reason=token_broken"),
    ('bearward_config_reloads_total{result="failed"}', [], "bearward_config_reloads_total has no result=failed"),
])
def test_what_there_is_not_would_be_found(scraped, expression, named, said):
    assert findings("x", expression, named, scraped) == [f"x: {said}"]


def test_the_dashboard_leaves_no_metric_out(scraped):
    shown = {re.sub("_(bucket|sum|count)$", "", metric) for _, expression, _ in expressions() for metric, _ in METRIC.findall(expression)}
    assert set(scraped.kinds) <= shown


def test_the_dashboard_can_be_imported():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids)) and DASHBOARD["uid"] and DASHBOARD["schemaVersion"] >= 30
    variables = {each["name"] for each in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{?([a-z]+)\}?", json.dumps(DASHBOARD))) - {"labels"} <= variables
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells


@pytest.mark.parametrize("alert", [rule["alert"] for rule in ALERTS])
def test_each_alert_is_tested_both_ways_and_has_its_entry(alert):
    checks = [check for each in ALERT_TESTS for check in each["alert_rule_test"] if check["alertname"] == alert]
    assert any(check.get("exp_alerts") for check in checks) and any(not check.get("exp_alerts") for check in checks)
    rule = next(rule for rule in ALERTS if rule["alert"] == alert)
    assert rule["labels"]["severity"] in ("critical", "warning") and rule["annotations"]["runbook"] == f"RUNBOOK.md#{alert.lower()}"
    assert f"\n### {alert}\n" in RUNBOOK


def rows(heading):
    """First cell -> the others, of the tables under a heading of the runbook."""
    section = RUNBOOK[RUNBOOK.index(f"\n## {heading}\n"):][1:].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    assert len({each[0] for each in cells}) == len(cells)
    return {each[0].strip("`"): each[1:] for each in cells}


def test_the_runbook_has_every_metric(scraped):
    described = rows("Metrics")
    assert {re.sub(r"\{.*", "", name) for name in described} == set(scraped.kinds)
    for name, (means, to_do) in described.items():
        metric, _, labels = name.rstrip("}").partition("{")
        real = scraped.labels.get(metric) or scraped.labels.get(metric + "_sum", set())
        assert set(filter(None, labels.split(","))) == real, name
        assert len(means) > 15 and len(to_do) > 15, name


@pytest.mark.parametrize("heading, words", [
    ("Reason codes", REASONS), ("How WebSockets end", CLOSES), ("How streams end", STREAM_ENDS), ("Lost log lines", LOSSES)])
def test_the_runbook_has_every_word(heading, words):
    assert len(words) >= 3
    assert list(rows(heading)) == words
    for word, cells in rows(heading).items():
        assert len(cells) == 2 and all(len(cell) > 3 for cell in cells), word

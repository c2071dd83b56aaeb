"""Prometheus' own tools about /metrics, and about the alert rules in deploy/prometheus."""

import signal
import subprocess

import pytest
from conftest import ROOT, SLOWNESS
from metrics_traffic import used_bearward

RULES = ROOT / "deploy/prometheus"


@pytest.fixture(autouse=True)
def time_limit():
    """In place of the usual one: the unit tests of alerts go through hours minute by minute."""
    def give_up(*_):
        raise TimeoutError("the test ran too long")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(150 * SLOWNESS)
    yield
    signal.alarm(0)


def promtool(*arguments, given=None):
    """(exit code, everything that it said)."""
    done = subprocess.run(["promtool", *map(str, arguments)], input=given, capture_output=True, text=True, timeout=140 * SLOWNESS, cwd=RULES)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def scraped(tmp_path_factory, http_upstream, websocket_upstream):
    with used_bearward(tmp_path_factory.mktemp("used"), http_upstream, websocket_upstream) as process:
        status, text = process.admin("/metrics")
        assert status == 200
        yield text


def test_metrics_after_all_kinds_of_traffic(scraped):
    assert promtool("check", "metrics", given=scraped) == (0, "")


@pytest.mark.parametrize("defect, said", [
    (lambda text: text.replace("# HELP bearward_requests_total", "# HALP bearward_requests_total"), "no help text"),
    (lambda text: text.replace("bearward_config_reloads_total", "bearward_config_reloads"), "counter metrics should have"),
    (lambda text: text.replace("bearward_requests_total{route=", "bearward_requests_total{route", 1), "error while linting"),
])
def test_a_page_that_is_wrong_would_be_found(scraped, defect, said):
    wrong = defect(scraped)
    code, told = promtool("check", "metrics", given=wrong)
    assert wrong != scraped and code != 0 and said in told


def test_the_alert_rules_are_valid():
    code, told = promtool("check", "rules", "--lint-fatal", "alerts.yaml")
    assert code == 0, told


def test_each_alert_fires_when_it_should_and_not_otherwise():
    code, told = promtool("test", "rules", "alerts_test.yaml")
    assert code == 0, told

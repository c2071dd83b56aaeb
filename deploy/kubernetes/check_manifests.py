#!/usr/bin/env python3
"""Renders the kustomizations with each kubectl that is given, and looks at what comes out; checks the Helm chart's values against their schema.

usage: check_manifests.py FOLDER KUBECTL...        FOLDER: a copy of deploy/kubernetes with the secrets' files. The chart's templates are not rendered: that needs helm
"""

import base64
import json
import os
import pathlib
import re
import sys

import yaml
from trying import all_tests, podman, run

HERE = pathlib.Path(__file__).resolve().parent
KUSTOMIZATIONS = ("native", "classic", "service_accounts")
folder, kubectls = (pathlib.Path(sys.argv[1]), sys.argv[2:]) if len(sys.argv) > 2 else sys.exit(__doc__.split("\n\n")[1])
VALIDATE = """
const Ajv = require("ajv");
const validate = new Ajv({allErrors: true}).compile(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")));
for (const line of require("fs").readFileSync(0, "utf8").trim().split("\\n")) {
  console.log(validate(JSON.parse(line)) ? "ok" : validate.errors.map((error) => error.dataPath + error.instancePath + " " + error.message).join("; "));
}
"""


def rendered(kustomization, kubectl):
    """The objects by kind and name; generated names without their hash."""
    done = run(kubectl, "kustomize", str(folder / kustomization))
    assert done.stderr == "", done.stderr
    text = done.stdout
    for kind in ("bearward", "token-key"):
        hashes = set(re.findall(rf"name: {kind}-([a-z0-9]{{10}})$", text, re.MULTILINE | re.IGNORECASE))
        assert len(hashes) <= 1, hashes
        for found in hashes:
            text = text.replace(f"{kind}-{found}", kind)
    objects = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text)}
    for (kind, _), each in objects.items():
        if kind == "Secret":  # some wrap its lines
            each["data"] = {name: base64.b64decode(value) for name, value in each["data"].items()}
    assert len(objects) == text.count("\nkind: ") + text.startswith("kind: ")
    return objects


def pod_of(objects):
    return objects["Deployment", "widgets"]["spec"]["template"]["spec"]


def container(pod, name):
    (found,) = [each for each in pod.get("initContainers", []) + pod["containers"] if each["name"] == name]
    return found


def test_every_kubectl_renders_the_same():
    for kustomization in KUSTOMIZATIONS:
        first, *others = (rendered(kustomization, kubectl) for kubectl in kubectls)
        assert {"Deployment", "Service", "NetworkPolicy", "ConfigMap"} <= {kind for kind, _ in first}
        for other in others:
            assert other == first, kustomization
    return ", ".join(run(kubectl, "version", "--client", "-o", "json").stdout.split('"gitVersion": "')[1].split('"')[0] for kubectl in kubectls)


def test_without_the_secret_nothing_is_rendered():
    """A key that everybody could read in the repository must not be what a careless apply deploys."""
    for kustomization in ("native", "classic"):
        assert not (HERE / kustomization / "token_key").exists() or (HERE / kustomization / ".gitignore").read_text() == "/token_key\n"
        hidden = (folder / kustomization / "token_key").rename(folder / "hidden")
        try:
            assert run(kubectls[0], "kustomize", str(folder / kustomization), check=False).returncode != 0
        finally:
            hidden.rename(folder / kustomization / "token_key")


def test_pods_are_hardened():
    for kustomization in KUSTOMIZATIONS:
        objects = rendered(kustomization, kubectls[0])
        for (kind, name), each in objects.items():
            if kind != "Deployment":
                continue
            pod = each["spec"]["template"]["spec"]
            assert pod["automountServiceAccountToken"] is False, name
            assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
            for one in pod.get("initContainers", []) + pod["containers"]:
                security = one["securityContext"]
                assert security["readOnlyRootFilesystem"] is True and security["allowPrivilegeEscalation"] is False, one["name"]
                assert security["capabilities"] == {"drop": ["ALL"]}, one["name"]
                assert all(mount["readOnly"] for mount in one.get("volumeMounts", [])), one["name"]
                assert one["image"].startswith("registry.example.com/") and not one["image"].endswith(":latest"), one["image"]


def test_the_sidecar_is_what_it_says():
    for kustomization in KUSTOMIZATIONS:
        pod = pod_of(rendered(kustomization, kubectls[0]))
        initial = [each["name"] for each in pod.get("initContainers", [])]
        bearward, app = container(pod, "bearward"), container(pod, "app")
        assert initial == ([] if kustomization == "classic" else ["bearward"])
        assert bearward.get("restartPolicy") == (None if kustomization == "classic" else "Always")
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(bearward)
        assert bearward["resources"]["requests"] and bearward["resources"]["limits"]
        # All ends within the grace: the app's delay and Bearward's drain one after the other, or at the same time.
        limits = yaml.safe_load((HERE / kustomization / "bearward.yaml").read_text())["limits"]
        delay, drain = (int(limits[name].removesuffix("s")) for name in ("drain_delay", "drain_timeout"))
        stop = int(app["lifecycle"]["preStop"]["exec"]["command"][1])
        assert (stop >= delay + drain) if kustomization == "classic" else (stop > 0 and delay == 0)
        assert max(stop, delay + drain) < pod["terminationGracePeriodSeconds"]


def test_the_ports_fit_together():
    for kustomization in KUSTOMIZATIONS:
        objects = rendered(kustomization, kubectls[0])
        configuration = yaml.safe_load(objects["ConfigMap", "bearward"]["data"]["bearward.yaml"])
        ports = {each["name"]: each["containerPort"] for each in container(pod_of(objects), "bearward")["ports"]}
        assert configuration["listen"][0]["address"] == f"0.0.0.0:{ports['http']}"
        assert configuration["admin"]["probes"] == f"0.0.0.0:{ports['probes']}"
        assert configuration["upstreams"]["app"]["servers"] == ["127.0.0.1:8000"]
        assert [each["targetPort"] for each in objects["Service", "widgets"]["spec"]["ports"]] == [ports["http"]]
        allowed = [each["port"] for rule in objects["NetworkPolicy", "widgets"]["spec"]["ingress"] for each in rule["ports"]]
        assert allowed == [ports["http"], ports["probes"]]
        labels = objects["Deployment", "widgets"]["spec"]["template"]["metadata"]["labels"]
        assert objects["Service", "widgets"]["spec"]["selector"] == labels
        assert objects["NetworkPolicy", "widgets"]["spec"]["podSelector"]["matchLabels"] == labels
        monitor = yaml.safe_load((HERE / "pod_monitor.yaml").read_text())
        assert monitor["kind"] == "PodMonitor" and monitor["spec"]["selector"]["matchLabels"] == labels
        assert monitor["spec"]["podMetricsEndpoints"][0]["port"] in ports


def check(path, *more):
    return podman("run", "--rm", "--network", "none", "--volume", f"{path}:/etc/bearward:ro", *more, "localhost/bearward", "check", "--strict", check=False)


def test_their_configurations_are_good():
    for kustomization in ("native", "classic"):
        done = check(folder / kustomization, "--volume", f"{folder / kustomization}:/run/secrets/bearward:ro")
        assert done.returncode == 0, done.stderr
    done = podman(
        "run", "--rm", "--network", "none", "--volume", f"{folder / 'service_accounts'}:/etc/bearward:ro", "localhost/bearward", "check", "--strict", "--offline",
        check=False)
    assert done.returncode == 0, done.stderr


def validate(values):
    done = run(
        "node", "-e", VALIDATE, str(HERE / "helm/values.schema.json"), env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
        given="\n".join(map(json.dumps, values)))
    return done.stdout.strip().split("\n")


def changed(values, path, value):
    copy = json.loads(json.dumps(values))
    at = copy
    *way, last = path.split(".")
    for step in way:
        at = at[step]
    at[last] = value
    return copy


def test_the_chart_s_values_are_judged_by_its_schema():
    values = yaml.safe_load((HERE / "helm/values.yaml").read_text())
    good = [values, changed(values, "sidecar", "classic"), changed(values, "secrets.name", "token-key"), changed(values, "podMonitor.enabled", True)]
    assert validate(good) == ["ok"] * len(good)
    bad = [
        ("sidecar", "both"), ("replicas", -1), ("app.runAsUser", 0), ("app.image", ""), ("app.surprise", 1), ("bearward.imagePullPolicy", "Sometimes"),
        ("ports.http", 0), ("ports.http", "8080"), ("configuration", {}), ("configuration.version", 2), ("secrets.name", "Not A Name"),
        ("service.port", 70000), ("podMonitor.interval", "often"), ("appStopDelay", 60), ("surprise", 1), ("networkPolicy.enabled", "yes")]
    verdicts = validate([changed(values, path, value) for path, value in bad])
    assert "ok" not in verdicts, [each for each, verdict in zip(bad, verdicts, strict=True) if verdict == "ok"]


def test_the_chart_s_templates_use_what_its_values_have():
    values = yaml.safe_load((HERE / "helm/values.yaml").read_text())
    used = 0
    for path in sorted((HERE / "helm/templates").iterdir()):
        text = path.read_text()
        actions = re.findall(r"\{\{-?\s*(\w+)", text)
        assert sum(each in ("if", "with", "range", "define") for each in actions) == actions.count("end"), path
        for name in re.findall(r"\.Values\.([A-Za-z.]+)", text):
            at = values
            for step in name.split("."):
                assert step in at, (path.name, name)
                at = at[step]
            used += 1
    assert used > 20


def test_the_chart_s_configuration_is_good():
    chart = folder / "chart"
    chart.mkdir(exist_ok=True)
    values = yaml.safe_load((HERE / "helm/values.yaml").read_text())
    (chart / "bearward.yaml").write_text(yaml.safe_dump(values["configuration"]))
    done = check(chart)
    assert done.returncode == 0, done.stderr
    ports = values["ports"]
    assert values["configuration"]["listen"][0]["address"].endswith(f":{ports['http']}") and values["configuration"]["admin"]["probes"].endswith(f":{ports['probes']}")


all_tests(globals())

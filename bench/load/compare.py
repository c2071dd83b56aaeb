"""Compares two builds of Bearward: instructions and system calls a unit of work, and CPU time in bursts of both in turn. Called by compare.sh."""

import argparse
import atexit
import json
import math
import os
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import time

import measure
import scenarios
import servers
import tokens

PORTS = {"base": 18201, "new": 18301}
# name of a scenario: what to ask under callgrind, a few and more of it. The difference is free of what starting and ending cost.
COUNTED = {
    "plain": (["--count", 1000], ["--count", 4000]),
    "hs256": (["--count", 1000], ["--count", 4000]),
    "hs256_new": (["--count", 1000], ["--count", 3000]),
    "fresh": (["--count", 500], ["--count", 2500]),
    "down_1m": (["--count", 20], ["--count", 120]),
    "up_1m": (["--count", 20], ["--count", 120]),
    "echo_32": (["--seconds", 1], ["--seconds", 5]),
    "echo_64k": (["--seconds", 1], ["--seconds", 5]),
}
# Of bursts too: those that the figures of the page stand for.
BURSTS = ["plain", "hs256", "hs256_new", "es256_new", "rate", "fresh", "down_1m", "up_1m", "echo_32", "echo_64k"]
ALONE = 1  # connections, so that nothing depends on what happens to come together


class Build:
    """One binary, as often started as asked."""

    def __init__(self, name, binary, folder):
        self.name, self.folder = name, folder
        self.binary = folder / f"bearward_{name}"
        # Valgrind 3.19 gives up on the debug information.
        subprocess.run(["strip", "-o", self.binary, binary], check=True)
        self.log = open(folder / "servers.log", "ab")

    def start(self, prefix=(), tiny=False):
        port = PORTS[self.name]
        path = self.folder / f"{self.name}.yaml"
        path.write_text(servers.bearward_configuration(self.folder, "128KiB" if tiny else "32MiB", port, port + 1))
        process = servers.Process(self.name, [*prefix, self.binary, "-c", path], servers.PROXY_CPU, self.log)
        atexit.register(process.stop)
        servers.wait_for(self.name, port, self.folder)
        return process

    def load(self, scenario, *more, connections=None):
        """How many requests, bodies or messages it took; all have to be well."""
        kind, _, count, *rest = scenario.load  # KIND --connections COUNT ...
        path = scenario.path
        arguments = [measure.LOAD, kind, "--connections", connections or count, *rest, "--port", PORTS[self.name], *more]
        if scenario.tokens:
            algorithm, count = scenario.tokens
            path = servers.PATHS[algorithm]
            arguments += ["--tokens", self.folder / f"{algorithm}_{count}.tokens"]
        result, _ = measure.run_load([*arguments, "--path", path])
        numbers = json.loads(result)
        if numbers["failed"] or numbers["unsuccessful"] or not numbers["done"]:
            raise SystemExit(f"{scenario.name}: {self.name}: {numbers}")
        return numbers["done"]


def instructions(build, scenario):
    out = build.folder / "callgrind.out"
    seen = []
    for some in COUNTED[scenario.name]:
        process = build.start(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"], tiny=scenario.name.endswith("_new"))
        done = build.load(scenario, *some, connections=ALONE)
        process.stop()
        seen.append((done, int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M).group(1))))
    return (seen[1][1] - seen[0][1]) / (seen[1][0] - seen[0][0])


def system_calls(build, scenario):
    """Counted by a strace that comes to a running process: one that starts it would not end it."""
    process = build.start(tiny=scenario.name.endswith("_new"))
    build.load(scenario, *COUNTED[scenario.name][0], connections=ALONE)
    tracer = subprocess.Popen(["strace", "-c", "-f", "-p", str(process.pid)], stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    done = build.load(scenario, *COUNTED[scenario.name][1], connections=ALONE)
    tracer.send_signal(signal.SIGINT)
    text = tracer.communicate(timeout=20)[1]
    process.stop()
    return int(re.search(r"^100\.00\s+\S+\s+\S+\s+(\d+)", text, re.M).group(1)) / done


def interval(ratios):
    """Of the median, 95%: by order statistics, which ask nothing of the distribution."""
    ordered, half = sorted(ratios), 0.98 * math.sqrt(len(ratios))
    low, high = math.floor(len(ratios) / 2 - half), math.ceil(len(ratios) / 2 + half)
    return (ordered[low], ordered[high]) if low >= 0 and high < len(ratios) else (0.0, math.inf)


def bursts(builds, scenario, options):
    """The median of paired ratios of CPU time, new to base, and its interval."""
    tiny = scenario.name.endswith("_new")
    running = {name: build.start(tiny=tiny) for name, build in builds.items()}

    def burst(name):
        before = running[name].cpu()[0]
        done = builds[name].load(scenario, "--seconds", options.burst)
        return (running[name].cpu()[0] - before) / done

    for name in builds:
        burst(name)  # warms up
    ratios, ends = [], time.monotonic() + 60 * options.minutes
    while time.monotonic() < ends:
        order = list(builds) if len(ratios) % 2 else list(reversed(builds))
        cost = {name: burst(name) for name in order}
        ratios.append(cost["new"] / cost["base"])
        low, high = interval(ratios)
        if high - low < 0.03 or low > 1.03:
            break
    for process in running.values():
        process.stop()
    return statistics.median(ratios), *interval(ratios), len(ratios)


def main():
    parser = argparse.ArgumentParser(prog="bench/load/compare.sh")
    parser.add_argument("base", type=pathlib.Path, help="the binary to compare with")
    parser.add_argument("--only", default="", help="names of scenarios, with commas")
    parser.add_argument("--burst", type=float, default=0.5, help="seconds of one")
    parser.add_argument("--minutes", type=float, default=3, help="at most, for the bursts of one scenario")
    parser.add_argument("--without-bursts", action="store_true")
    options = parser.parse_args()
    only = {name for name in options.only.split(",") if name}
    if unknown := only - {*COUNTED, *BURSTS}:
        parser.error(f"no scenario is called {', '.join(sorted(unknown))}; there are {', '.join(sorted({*COUNTED, *BURSTS}))}")
    wanted = [each for each in scenarios.every(True) if each.name in {*COUNTED, *BURSTS} and (not only or each.name in only)]
    with tempfile.TemporaryDirectory(prefix="bearward_compare_") as name:
        folder = pathlib.Path(name)
        servers.make_certificate(folder)
        keys = tokens.Keys(folder)
        for each in wanted:
            if each.tokens:
                tokens.write(keys, folder, *each.tokens)
        app = servers.Process("upstream", [servers.BUILD / "bench" / "bench_upstream", servers.UPSTREAM_PORT], servers.LOAD_CPU,
                              open(os.devnull, "wb"))
        atexit.register(app.stop)
        builds = {"base": Build("base", options.base, folder), "new": Build("new", servers.BUILD / "bearward", folder)}
        for each in wanted:
            if each.name in COUNTED:
                for what, count in (("instructions", instructions), ("system calls", system_calls)):
                    base, new = count(builds["base"], each), count(builds["new"], each)
                    print(f"{each.name:10} {what:14} {base:12.2f} {new:12.2f}  {new / base:.3f}", flush=True)
            if each.name in BURSTS and not options.without_bursts:
                median, low, high, count = bursts(builds, each, options)
                print(f"{each.name:10} CPU in {count:3} bursts{'':20} {median:.3f} ({low:.3f} to {high:.3f})", flush=True)


main()

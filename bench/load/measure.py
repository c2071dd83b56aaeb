"""Runs the scenarios in interleaved rounds and hands what it saw to report.py. Called by run.sh."""

import argparse
import json
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

import report
import scenarios
import servers
import tokens

LOAD = servers.BUILD / "bench" / "bench_load"


def busy_seconds():
    """CPU seconds of everything on this machine, and stolen ones."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:7])) / 100, fields[7] / 100


def run_load(arguments):
    """The load generator's report, and its own CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(["taskset", "-c", str(servers.LOAD_CPU), *map(str, arguments)], capture_output=True, text=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode != 0:
        raise SystemExit(f"{arguments}: {run.stderr}")
    return run.stdout, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def run_wrk(port, seconds):
    text, cpu = run_load(["wrk", "-t1", "-c64", f"-d{max(1, round(seconds))}s", "--latency", f"https://127.0.0.1:{port}/"])

    def micros(name):
        value, unit = re.search(name + r"%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]
    done = int(re.search(r"(\d+) requests in", text).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return {"done": done, "failed": sum(map(int, broken.groups())) if broken else 0, "unsuccessful": int(bad.group(1)) if bad else 0,
            "seconds": float(re.search(r"requests in ([\d.]+)s", text).group(1)), "p50": micros("50"), "p99": micros("99")}, cpu


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.keys = tokens.Keys(folder)
        self.running, self.tls = servers.start(folder)
        self.token_files = {}

    def arguments(self, scenario, contestant, seconds):
        path = scenario.path
        arguments = [LOAD, *scenario.load, "--port", servers.PORTS[contestant], "--seconds", seconds]
        if scenario.tokens:
            algorithm, count = scenario.tokens
            if scenario.tokens not in self.token_files:
                self.token_files[scenario.tokens] = tokens.write(self.keys, self.folder, algorithm, count)
            arguments += ["--tokens", self.token_files[scenario.tokens]]
            path = servers.PATHS[algorithm]
        return [*arguments, "--path", path]

    def measure_once(self, scenario, contestant, seconds):
        process = self.running[servers.process_of(contestant)]
        upstream = self.running["upstream"]
        before, before_upstream, machine = process.cpu(), upstream.cpu(), busy_seconds()
        memory = process.private_kib()
        started = time.monotonic()
        if scenario.load == ["wrk"]:
            result, load_cpu = run_wrk(servers.PORTS[contestant], seconds)
        else:
            text, load_cpu = run_load(self.arguments(scenario, contestant, seconds))
            result = json.loads(text)
        elapsed = time.monotonic() - started
        after, machine_after = process.cpu(), busy_seconds()
        total = after[0] - before[0]
        ticks = (after[1] - before[1], after[2] - before[2])
        user_part = ticks[0] / max(1, sum(ticks))
        ours = total + (upstream.cpu()[0] - before_upstream[0]) + load_cpu
        done = max(1, result["done"])
        return {
            "cpu": total / done * 1e6, "user": total * user_part / done * 1e6, "rate": result["done"] / max(result["seconds"], 1e-9),
            "p50": result["p50"], "p99": result["p99"], "grown": process.private_kib() - memory,
            "others": max(0.0, (machine_after[0] - machine[0] - ours) / elapsed), "steal": (machine_after[1] - machine[1]) / elapsed,
            "good": result["failed"] == 0 and result["unsuccessful"] == 0 and result["done"] > 0, "raw": result,
        }

    def measure(self, scenario, contestant):
        """The quietest of a few tries. One with errors doesn't count; one beside other load is repeated."""
        tries = []
        for _ in range(self.options.tries):
            one = self.measure_once(scenario, contestant, self.options.seconds)
            if one["good"]:
                tries.append(one)
                if one["others"] <= self.options.others and one["steal"] <= 0.05:
                    break
        if not tries:
            raise SystemExit(f"{scenario.name}: {contestant}: errors or answers other than 2xx: {one['raw']}")
        return min(tries, key=lambda each: each["others"] + each["steal"])

    def run(self, scenario):
        for contestant in scenario.contestants:
            self.measure_once(scenario, contestant, 0.2)  # warms up
        rounds = []
        for number in range(self.options.rounds):
            order = scenario.contestants[number % 2:] + scenario.contestants[:number % 2]
            rounds.append({contestant: self.measure(scenario, contestant) for contestant in order})
        return rounds

    def memory(self, contestant, arguments, steps):
        """Private KiB a connection: the slope between two numbers of open ones."""
        process = self.running[contestant]
        command = [LOAD, "hold", "--port", servers.PORTS[contestant], "--steps", ",".join(map(str, steps)), *arguments]
        child = subprocess.Popen(["taskset", "-c", str(servers.LOAD_CPU), *map(str, command)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        seen = []
        for step in steps:
            line = child.stdout.readline().strip()
            if line != str(step):
                raise SystemExit(f"{contestant}: {step} connections can't be held: {line}")
            time.sleep(1)
            seen.append(process.private_kib())
            child.stdin.write("\n")
            child.stdin.flush()
        child.wait(30)
        time.sleep(1)
        return (seen[1] - seen[0]) / (steps[1] - steps[0])

    def system_calls(self, contestant, connections, requests):
        """Calls a request, counted by strace."""
        process = self.running[contestant]
        tracer = subprocess.Popen(["strace", "-c", "-f", "-p", str(process.pid)], stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        run_load([LOAD, "requests", "--port", servers.PORTS[contestant], "--connections", connections, "--count", requests])
        tracer.send_signal(2)
        text = tracer.communicate(timeout=20)[1]
        calls = {}
        for line in text.splitlines():
            found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
            if found and found.group(2) != "total":
                calls[found.group(2)] = int(found.group(1)) / requests
        return sum(calls.values()), calls


def main():
    parser = argparse.ArgumentParser(prog="bench/load/run.sh")
    parser.add_argument("--quick", action="store_true", help="short rounds, for a first look")
    parser.add_argument("--only", default="", help="names of scenarios, with commas; also idle, idle_ws, calls")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--others", type=float, default=0.1, help="CPUs that others may use beside a round")
    parser.add_argument("--no-results", action="store_true", help="leave bench/RESULTS.md as it is")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (0.7 if options.quick else 2.0)
    if options.quick:
        options.tries = 1
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    only = {name for name in options.only.split(",") if name}
    wanted = [each for each in scenarios.every(options.quick) if not only or each.name in only]

    with tempfile.TemporaryDirectory(prefix="bearward_bench_") as name:
        bench = Bench(options, pathlib.Path(name))
        seen = report.Report(options, servers.versions())
        # First: what load has left behind in a heap would be reused, and hide what a connection takes.
        for memory_name, what, arguments, steps, target in scenarios.MEMORY:
            if not only or memory_name in only:
                seen.add_memory(what, {each: bench.memory(each, arguments, steps) for each in scenarios.ALL}, target)
        for each in wanted:
            if each.name == "tls" and not bench.tls:
                print("tls: this Bearward has no TLS listeners", file=sys.stderr)
                continue
            seen.add(each, bench.run(each))
        if not only or "calls" in only:
            for what, connections, requests, target in (("under load", 64, 20000, 6.1), ("on a connection alone", 1, 2000, 8)):
                seen.add_calls(what, {each: bench.system_calls(each, connections, requests) for each in scenarios.ALL}, target)
    seen.finish()


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""clang-tidy on the three layers: on every file, or on those that changed and those that include them, nearest first.

usage: tests/tidy.py [--since COMMIT] [--layers policies,config] [--minutes N]
Ends with 1 where there are findings, with 76 where time ran out before every file was looked at and there were none.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
LAYERS = ("policies", "config", "proxy")
BUILD = "build/tidy"
REDUCED = 76
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def sources():
    return sorted(str(path.relative_to(ROOT)) for layer in LAYERS for path in (ROOT / layer).rglob("*.[ch]pp"))


def changed_since(commit):
    run = subprocess.run(["git", "-c", "safe.directory=*", "diff", "--name-only", commit, "--", *LAYERS], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def nearest_first(changed, paths):
    """The .cpp files among the changed ones and those that include them, by the number of steps between."""
    includes = {path: set(INCLUDE.findall((ROOT / path).read_text(encoding="utf-8"))) for path in paths}
    found, ring = [], changed & set(paths)
    seen = set(ring)
    while ring:
        found += sorted(path for path in ring if path.endswith(".cpp"))
        ring = {path for path in paths if path not in seen and includes[path] & ring}
        seen |= ring
    return found


def look_at(path, deadline):
    """(path, findings), or None where there was no time."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        return None
    try:
        run = subprocess.run(["clang-tidy-19", "--quiet", "-p", BUILD, path], cwd=ROOT, capture_output=True, text=True, timeout=remaining)
    except subprocess.TimeoutExpired:
        return None
    return path, run.stdout + run.stderr if run.returncode else ""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--since", metavar="COMMIT", help="only what changed since; empty: every file")
    arguments.add_argument("--layers", default=",".join(LAYERS), help="whose files are looked at")
    arguments.add_argument("--minutes", type=float, default=24 * 60, help="look at no more files after this time")
    options = arguments.parse_args()
    deadline = time.monotonic() + options.minutes * 60

    paths = sources()
    chosen = nearest_first(changed_since(options.since), paths) if options.since else [path for path in paths if path.endswith(".cpp")]
    chosen = [path for path in chosen if path.split("/")[0] in options.layers.split(",")]
    # A launcher in front of the compiler hides the compiler's own folders from clang-tidy.
    subprocess.run(["cmake", "--preset", "tidy", "-DBUILD_TESTING=OFF", "-Dccache_program="], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    findings = done = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        for result in pool.map(lambda path: look_at(path, deadline), chosen):
            if result:
                done += 1
                findings += bool(result[1])
                if result[1]:
                    print(result[1], flush=True)
    print(f"clang-tidy looked at {done} of {len(chosen)} files, {findings} with findings")
    sys.exit(1 if findings else REDUCED if done < len(chosen) else 0)


if __name__ == "__main__":
    main()

"""What the lint checks share: the repository's files, and how findings are printed."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes, under=()):
    """Files that git tracks or would track, as paths relative to the root; of the given suffixes and folders, or all."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    paths = [pathlib.PurePosixPath(name) for name in sorted(set(listed)) if name]
    return [
        path for path in paths
        if (ROOT / path).is_file()
        and (not suffixes or path.suffix in suffixes)
        and (not under or path.parts[0] in under)
    ]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def finish(findings, looked_at):
    """Ends the check: prints what was found. Looking at nothing is a failure too."""
    for finding in findings:
        print(finding)
    if not looked_at:
        print("nothing to look at: the check itself is broken")
        sys.exit(1)
    sys.exit(1 if findings else 0)

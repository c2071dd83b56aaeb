"""Runs a unit's own lines where systemd is not PID 1: ExecStart as an unprivileged user with NOTIFY_SOCKET, what ExecReload sends, SIGTERM.

usage: run_unit.py UNIT        as root; what the unit's sandbox does is not part of it
"""

import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

USER = 61184  # the first of those that systemd gives to DynamicUser
SECONDS = 30


def settings(path):
    with open(path, encoding="utf-8") as file:
        return {match[1]: match[2] for match in re.finditer(r"^(\w+)=(.*)$", file.read(), re.MULTILINE)}


def next_message(manager):
    readable, _, _ = select.select([manager], [], [], SECONDS)
    if not readable:
        sys.exit("run_unit.py: nothing came for %d s" % SECONDS)
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().splitlines())


def wait_for(manager, key):
    """The message that says so; signs of life in between are counted."""
    alive = 0
    while key not in (message := next_message(manager)):
        if "WATCHDOG" not in message:
            sys.exit("run_unit.py: %s instead of %s" % (message, key))
        alive += 1
    return message, alive


def folder(path):
    os.makedirs(path, exist_ok=True)
    os.chown(path, USER, USER)
    return path


def main():
    unit = settings(sys.argv[1])
    if unit["Type"] != "notify" or unit["DynamicUser"] != "yes":
        sys.exit("run_unit.py: the unit is not of the kind that this runs")
    made = [folder("/run/" + unit["RuntimeDirectory"]), folder("/var/lib/" + unit["StateDirectory"]), folder("/var/log/" + unit["LogsDirectory"])]
    place = tempfile.mkdtemp()
    os.chmod(place, 0o755)
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(place + "/notify")
    os.chmod(place + "/notify", 0o777)
    # A sixth of the interval lies between two signs of life.
    environment = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": place + "/notify", "WATCHDOG_USEC": "600000"}
    process = subprocess.Popen(shlex.split(unit["ExecStart"]), env=environment, cwd="/", user=USER, group=USER, extra_groups=[], umask=int(unit["UMask"], 8))
    try:
        print("ready:", wait_for(manager, "READY")[0]["STATUS"])
        if wait_for(manager, "WATCHDOG")[0]["WATCHDOG"] != "1":
            sys.exit("run_unit.py: no sign of life")
        subprocess.run(unit["ExecReload"].replace("$MAINPID", str(process.pid)), shell=True, check=True)
        wait_for(manager, "RELOADING")
        print("reloaded:", wait_for(manager, "READY")[0]["STATUS"])
        process.send_signal(signal.SIGTERM)
        wait_for(manager, "STOPPING")
        began = time.monotonic()
        if process.wait(SECONDS) != 0:
            sys.exit("run_unit.py: ended with %d" % process.returncode)
        print("ended after %.1f s" % (time.monotonic() - began))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        manager.close()
        for path in [*made, place]:
            shutil.rmtree(path, ignore_errors=True)


main()

"""A flood from one process: COUNT requests to HOST:PORT, each of another address or with another API key. Prints how many of which status came.

usage: floods.py HOST:PORT address|key COUNT TARGET
"""

import base64
import collections
import itertools
import json
import os
import random
import re
import selectors
import socket
import sys

CONNECTIONS = 4
TOGETHER = 32  # requests of a connection that are under way
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def address_of(number):
    """Another IPv4 address for each, or a prefix of IPv6: those are counted by /64."""
    if number % 2:
        return f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"
    return f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def make(kind, number, target):
    if kind == "address":
        field = "X-Forwarded-For: " + address_of(number)
    else:
        field = "X-API-Key: bwk_" + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    return f"GET {target} HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n".encode()


class flooder:
    def __init__(self, address, numbers, kind, target):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.numbers, self.kind, self.target = numbers, kind, target
        self.awaited = 0
        self.rest = b""
        self.send()

    def send(self):
        """A batch; false: there are no more."""
        batch = [make(self.kind, number, self.target) for number in itertools.islice(self.numbers, TOGETHER)]
        self.awaited = len(batch)
        self.socket.sendall(b"".join(batch))
        return bool(batch)

    def receive(self, seen):
        """False: all was asked and answered."""
        data = self.socket.recv(1 << 18)
        assert data, "the connection ended"
        text, end = self.rest + data, 0
        for match in STATUS.finditer(text):
            seen[match[1].decode()] += 1
            self.awaited -= 1
            end = match.end()
        self.rest = text[max(end, len(text) - 12):]  # the start of one may be there
        return self.awaited > 0 or self.send()


def main(address, kind, count, target):
    numbers = iter(random.Random(1).sample(range(int(count)), int(count)))
    seen = collections.Counter()
    ready = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        each = flooder(address, numbers, kind, target)
        ready.register(each.socket, selectors.EVENT_READ, each)
    while ready.get_map():
        for key, _ in ready.select(20):
            if not key.data.receive(seen):
                ready.unregister(key.fileobj)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])

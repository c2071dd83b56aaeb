"""WebSocket handshakes and frames by hand (RFC 6455), and a real client."""

import struct

import websockets
from tokens import bearer

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # of this key, RFC 6455 section 1.3


def handshake(target, headers=(), version="13", key=KEY, upgrade="websocket", connection="Upgrade", host="api.test"):
    pairs = [("Host", host), ("Upgrade", upgrade), ("Connection", connection), ("Sec-WebSocket-Version", version), ("Sec-WebSocket-Key", key)]
    pairs = [pair for pair in pairs if pair[1] is not None] + list(headers)
    return (f"GET {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in pairs) + "\r\n").encode("latin-1")


def frame(opcode, payload, mask=b"\x01\x02\x03\x04", final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not mask:
        return head + payload
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def read_frame(wire):
    """(opcode, payload) of an unmasked frame."""
    first, second = wire.exactly(2)
    assert first & 0x80 and not second & 0x80
    size = second & 0x7F
    if size == 126:
        size = struct.unpack("!H", wire.exactly(2))[0]
    elif size == 127:
        size = struct.unpack("!Q", wire.exactly(8))[0]
    return first & 0x0F, wire.exactly(size)


def client(bearward, target, token=None, **more):
    headers = bearer(token) if token else {}
    return websockets.connect(f"ws://{bearward.address}{target}", extra_headers=headers, max_size=None, open_timeout=10, close_timeout=5, **more)

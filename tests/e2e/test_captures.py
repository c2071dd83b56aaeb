"""Every byte that a segment may have, in a capture that a requirement reads: the deny fires, and what is allowed is what arrives."""

import string
import urllib.parse

import pytest
import wire
from tokens import bearer, mint

PLAIN = string.ascii_letters + string.digits + "-._~" + "!$&'()*+,=" + ":@"  # pchar of RFC 3986 section 3.3 without the `;` of parameters
PLACES = ["{}", "a{}", "{}a", "a{}b", "{}{}"]


@pytest.mark.parametrize("place", PLACES)
def test_plain_characters(bearward, app, place):
    with bearward.connect() as link:
        for character in PLAIN:
            segment = place.format(character, character)
            if set(segment) == {"."}:
                continue  # a dot segment
            judge(bearward, link, app, segment, segment, {200})


@pytest.mark.parametrize("place", PLACES)
def test_escaped_bytes(bearward, app, place):
    with bearward.connect() as link:
        for byte in range(256):
            segment = place.format(f"%{byte:02X}", f"%{byte:02x}")
            decoded = urllib.parse.unquote_to_bytes(segment)
            if set(decoded) == {ord(".")}:
                continue
            try:
                tenant = decoded.decode()
            except UnicodeDecodeError:
                tenant = decoded.decode("latin-1")
            link = judge(bearward, link, app, segment, tenant, {200, 400, 403} if byte > 127 else {200, 400})


def test_parameters_are_refused_or_compared(bearward, app):
    for segment in (";", "t-1;", ";t-1", "t-1;a=b", "t-1%3b", "t-1%3Bx"):
        with bearward.connect() as link:
            judge(bearward, link, app, segment, "t-1", {400, 403})


def judge(bearward, link, app, segment, tenant, accepted):
    """A stranger's tenant never passes; one's own does, where the path is taken at all, and arrives as it was judged."""
    app.forget()
    target = f"/tenants/{segment}"
    for headers, statuses in ((bearer(mint(tid="another")), {403, 400}), (bearer(mint(tid=tenant + "x")), {403, 400}), (bearer(mint(tid=tenant)), accepted)):
        link.send(wire.request("GET", target, headers))
        answer = link.response()
        assert answer.status in statuses, (segment, tenant, answer)
        if 403 in statuses:
            assert app.heads == [], segment
        if answer.status == 200:
            assert urllib.parse.unquote_to_bytes(app.last.target) == urllib.parse.unquote_to_bytes(target)
        if answer.get("Connection") == "close":
            link.socket.close()
            link = bearward.connect()
    return link

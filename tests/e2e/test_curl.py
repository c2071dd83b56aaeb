"""The main job with curl, as an operator would look at it."""

import json
import subprocess

from conftest import SLOWNESS
from tokens import mint


def curl(*arguments):
    """(status, headers, body) of one request."""
    run = subprocess.run(["curl", "-sS", "-i", "--max-time", str(20 * SLOWNESS), *arguments], capture_output=True, check=True)
    head, body = run.stdout.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    return int(lines[0].split(" ")[1]), {line.split(": ", 1)[0].lower(): line.split(": ", 1)[-1] for line in lines[1:]}, body


def test_forwarded_with_the_identity(bearward, app):
    status, _, body = curl("-H", "Authorization: Bearer " + mint(), bearward.url + "/app/hello")
    assert status == 200
    seen = {name.lower(): value for name, value in json.loads(body)["headers"]}
    assert seen["x-user-id"] == "u-1" and seen["x-tenant-id"] == "t-1" and seen["x-user-roles"] == "reader"
    assert "authorization" not in seen and seen["host"] == bearward.address


def test_401_403_404_405(bearward, app):
    for arguments, expected, detail in (
        ((bearward.url + "/app",), 401, "Not authenticated"),
        (("-H", "Authorization: Bearer " + mint(exp=1), bearward.url + "/app"), 401, "Token has expired"),
        (("-H", "Authorization: Bearer " + mint(), bearward.url + "/app/admin"), 403, "Not enough permissions"),
        (("-H", "Authorization: Bearer " + mint(), bearward.url + "/tenants/t-2/x"), 403, "Not enough permissions"),
        (("-H", "Authorization: Bearer " + mint(), bearward.url + "/nowhere"), 404, "Not Found"),
        (("-X", "DELETE", "-H", "Authorization: Bearer " + mint(), bearward.url + "/only-get"), 405, "Method Not Allowed"),
    ):
        status, headers, body = curl(*arguments)
        assert status == expected and json.loads(body) == {"detail": detail}
        assert ("www-authenticate" in headers) == (expected in (401, 403))
    assert app.heads == []


def test_spoofed_headers_are_gone(bearward, app):
    status, _, _ = curl("-H", "X-User-Id: root", "-H", "X_User_Id: root", "-H", "x-user-roles: admin", "-H", "Authorization: Bearer " + mint(),
                        bearward.url + "/app")
    assert status == 200
    assert app.last.all("X-User-Id") == ["u-1"] and app.last.all("X-User-Roles") == ["reader"] and b"root" not in app.last.raw_head


def test_a_paths_escapes_are_judged(bearward, app):
    assert curl("--path-as-is", "-H", "Authorization: Bearer " + mint(), bearward.url + "/app/x/../%61dmin")[0] == 403
    assert app.heads == []


def test_form_and_json_bodies(bearward, app):
    token = "Authorization: Bearer " + mint()
    assert curl("-H", token, "-d", "a=1&b=2", bearward.url + "/app")[0] == 200
    assert app.last.body == b"a=1&b=2" and app.last.get("Content-Type") == "application/x-www-form-urlencoded"
    assert curl("-H", token, "-F", "file=@/proc/self/status", bearward.url + "/app")[0] == 200
    assert app.last.get("Content-Type").startswith("multipart/form-data; boundary=")


def test_http2_is_not_spoken(bearward, app):
    status, _, _ = curl("--http2", "-H", "Authorization: Bearer " + mint(), bearward.url + "/app")
    assert status == 200 and "upgrade" not in app.last.names()

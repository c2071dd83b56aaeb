"""A real issuer as a process: oidc-provider on Node.js (peers/issuer.mjs), and what its clients do."""

import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess

import httpx
from tokens import minted

PACKAGES = os.environ.get("ISSUER_PACKAGES")
ES256 = "https://widgets.test/ES256"
PROGRAM = pathlib.Path(__file__).parent / "peers/issuer.mjs"


class issuer_process:
    """oidc-provider; restarted on its port, and with it its issuer's name, with other keys.

    `logout`: what the client `app` is registered with for back-channel logout."""

    def __init__(self, directory, logout=None):
        assert PACKAGES, "run by tests/with_packages.sh issuer, which says where the issuer's packages are"
        self.directory = directory
        self.logout = logout
        self.port = 0
        self.process = None

    def start(self, *labels):
        with open(self.directory / "issuer.log", "ab") as log:
            self.process = subprocess.Popen(
                ["node", PROGRAM, PACKAGES, self.directory, str(self.port), *labels],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **({"LOGOUT": json.dumps(self.logout)} if self.logout else {})})
        self.port = int(self.process.stdout.readline() or 0)
        assert self.port, (self.directory / "issuer.log").read_text()
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def restart(self, *labels):
        self.stop()
        self.start(*labels)

    def grant(self, resource=ES256, scope="widgets:read"):
        """An access token for a service by itself."""
        answer = httpx.post(
            self.url + "/token", auth=("service", "secret-of-service"), data={"grant_type": "client_credentials", "scope": scope, "resource": resource}, timeout=10)
        assert answer.status_code == 200, answer.text
        minted.add(answer.json()["access_token"])
        return answer.json()["access_token"]

    def revoke(self, token):
        """As its own client would (RFC 7009)."""
        answer = httpx.post(self.url + "/token/revocation", auth=("service", "secret-of-service"), data={"token": token}, timeout=10)
        assert answer.status_code == 200, answer.text

    def log_in(self, user, resource=ES256, scope="openid widgets:read"):
        """The tokens of a person's login, of a browser that is gone then."""
        with person(self, user) as browser:
            return browser.log_in(resource, scope)


class person:
    """A browser with its cookies, that is its session at the issuer."""

    def __init__(self, issuer, user):
        self.user = user
        self.browser = httpx.Client(base_url=issuer.url, timeout=10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.close()

    def log_in(self, resource=ES256, scope="openid widgets:read"):
        """The tokens: the authorization code flow with PKCE, through the issuer's own forms."""
        verifier = "v" * 64
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "client_id": "app", "response_type": "code", "redirect_uri": "https://app.test/callback", "scope": scope, "resource": resource,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }
        answer = self.browser.get("/auth", params=asked)
        forms = iter(({"prompt": "login", "login": self.user, "password": "any"}, {"prompt": "consent"}))
        while not answer.headers["location"].startswith("https://app.test/"):
            answer = self.browser.get(answer.headers["location"])
            if answer.status_code == 200:
                action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)[1]
                answer = self.browser.post(action, data=next(forms))
            assert answer.status_code in (302, 303), answer.text
        code = httpx.URL(answer.headers["location"]).params["code"]
        answer = self.browser.post("/token", auth=("app", "secret-of-app"), data={
            "grant_type": "authorization_code", "code": code, "redirect_uri": "https://app.test/callback", "code_verifier": verifier, "resource": resource})
        assert answer.status_code == 200, answer.text
        minted.update(answer.json()[name] for name in ("access_token", "id_token"))
        return answer.json()

    def log_out(self):
        """Ends the session (OpenID Connect RP-Initiated Logout 1.0), by the issuer's own form; the issuer has told its clients when this returns."""
        page = self.browser.get("/session/end")
        assert page.status_code == 200, page.text
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)[1]
        secret = re.search(r'name="xsrf" value="([^"]+)"', page.text)[1]
        answer = self.browser.post(action, data={"xsrf": secret, "logout": "yes"})
        assert answer.status_code == 303, answer.text

"""A headless Chromium driven over WebDriver (W3C): scripts run in a page, and nothing of it outlives the test."""

import base64
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions", "--disable-default-apps",
]


class chromium:
    """One browser with a profile of its own. script_timeout in seconds; local_names: a pattern of names that are this machine's; scripts: whether pages may have any."""

    def __init__(self, directory, start_timeout, script_timeout, local_names=None, scripts=True):
        self.preferences = {} if scripts else {"profile.managed_default_content_settings.javascript": 2}
        # No other host is asked.
        self.names = "--host-resolver-rules=" + (f"MAP {local_names} 127.0.0.1, " if local_names else "") + "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        self.profile = pathlib.Path(directory) / "profile"
        self.log = pathlib.Path(directory) / "chromedriver.log"
        self.timeout = start_timeout
        self.session = None
        environment = {**os.environ, "HOME": str(directory), "TMPDIR": str(directory)}
        with open(self.log, "wb") as log:
            self.driver = subprocess.Popen(["chromedriver", "--port=0"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.port = self.wait_for_port()
            self.start(script_timeout)
        except BaseException:
            self.stop()
            raise

    def wait_for_port(self):
        deadline = time.monotonic() + self.timeout
        while not (found := re.search(r"started successfully on port (\d+)", self.log.read_text(errors="replace"))):
            assert self.driver.poll() is None and time.monotonic() < deadline, f"no chromedriver:\n{self.log.read_text(errors='replace')}"
            time.sleep(0.05)
        return int(found.group(1))

    def start(self, script_timeout):
        options = {"args": [*FLAGS, self.names, f"--user-data-dir={self.profile}"], "prefs": self.preferences}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "timeouts": {"script": script_timeout * 1000, "pageLoad": script_timeout * 1000}}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def ask(self, method, path, body=None):
        """The value of WebDriver's answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer and "message" in answer:
            raise AssertionError(f"{answer['error']}: {answer['message']}")
        return answer

    def open(self, url):
        self.ask("POST", f"/session/{self.session}/url", {"url": url})

    def run(self, script, *arguments):
        """What the body of an async function returns; its parameters are `a` to `d`."""
        wrapped = ("const done = arguments[arguments.length - 1]; const [a, b, c, d] = arguments;"
                   f"(async () => {{ {script} }})().then(value => done({{value}}), error => done({{error: String(error)}}));")
        answer = self.ask("POST", f"/session/{self.session}/execute/async", {"script": wrapped, "args": list(arguments)})
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    def element(self, selector):
        """The first one of a CSS selector."""
        found = self.ask("POST", f"/session/{self.session}/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def of_element(self, selector, what):
        """Its text, css/NAME, attribute/NAME, property/NAME or the like."""
        return self.ask("GET", f"/session/{self.session}/element/{self.element(selector)}/{what}")

    def type(self, selector, text):
        self.ask("POST", f"/session/{self.session}/element/{self.element(selector)}/clear", {})
        self.ask("POST", f"/session/{self.session}/element/{self.element(selector)}/value", {"text": text})

    def click(self, selector):
        self.ask("POST", f"/session/{self.session}/element/{self.element(selector)}/click", {})

    def title(self):
        return self.ask("GET", f"/session/{self.session}/title")

    def address(self):
        return self.ask("GET", f"/session/{self.session}/url")

    def resize(self, width, height):
        self.ask("POST", f"/session/{self.session}/window/rect", {"width": width, "height": height})

    def screenshot(self):
        """What is seen of the page, as PNG."""
        return base64.b64decode(self.ask("GET", f"/session/{self.session}/screenshot"))

    def processes(self):
        """Our own browser's processes: those that name its profile."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if os.fsencode(str(self.profile)) in entry.read_bytes():
                    found.append(int(entry.parent.name))
            except OSError:
                pass
        return found

    def stop(self):
        try:
            if self.session:
                self.ask("DELETE", f"/session/{self.session}")
        except (OSError, ValueError, AssertionError, http.client.HTTPException):
            pass
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        deadline = time.monotonic() + 5
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

"""Apps that read a request more loosely than they should, each on a server that people run: gunicorn, lighttpd, php -S and Node."""

import pathlib
import signal
import subprocess

from peers import NODE_ENVIRONMENT, free_port, wait_for_port

HERE = pathlib.Path(__file__).parent


def start_gunicorn(module):
    def start(directory):
        port = free_port()
        command = ["/usr/bin/gunicorn", "--chdir", str(HERE), "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "60",
                   "--worker-tmp-dir", str(directory), "--log-level", "warning", f"{module}:application"]
        return subprocess.Popen(command), port

    return start


def start_lighttpd(directory):
    port = free_port()
    text = (HERE / "lighttpd.conf").read_text()
    for name, value in (("directory", directory), ("port", port), ("script", HERE / "app.cgi")):
        text = text.replace(f"@{name}@", str(value))
    (directory / "lighttpd.conf").write_text(text)
    return subprocess.Popen(["/usr/sbin/lighttpd", "-D", "-f", str(directory / "lighttpd.conf")]), port


def start_php(directory):
    port = free_port()
    log = open(directory / "php.log", "wb")
    with log:
        return subprocess.Popen(["/usr/bin/php", "-S", f"127.0.0.1:{port}", str(HERE / "router.php")], stdout=log, stderr=log), port


def start_express(directory):
    process = subprocess.Popen(["node", str(HERE / "express_app.js")], stdout=subprocess.PIPE, env=NODE_ENVIRONMENT)
    return process, int(process.stdout.readline())


APPS = {
    "flask": start_gunicorn("flask_app"), "django": start_gunicorn("django_app"), "cgi": start_lighttpd, "php": start_php, "express": start_express,
}


class lenient_app:
    """One of APPS as a process."""

    def __init__(self, name, directory):
        directory.mkdir(parents=True, exist_ok=True)
        self.process, port = APPS[name](directory)
        self.address = f"127.0.0.1:{port}"
        try:
            wait_for_port(port, self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

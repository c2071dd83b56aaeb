"""Fixtures of modules that test the example app: the database, the app, Bearward before it, tokens of its login."""

import contextlib
import re
import signal
import subprocess

import pytest
from conftest import BINARY, SLOWNESS, bearward_process
from fastapi_process import example, fastapi_process, log_in
from postgresql import postgresql_server
from tokens import SECRET


@pytest.fixture(scope="module")
def database():
    server = postgresql_server()
    server.fill(acme=["anvil", "rocket"], globex=["lever"])
    yield server
    server.stop()


@pytest.fixture(scope="module")
def app_process(database, tmp_path_factory):
    process = fastapi_process(tmp_path_factory.mktemp("app"), DATABASE_URL=database.url)
    yield process
    process.stop()


@pytest.fixture
def app(app_process):
    app_process.forget()
    return app_process


@pytest.fixture(scope="module")
def api_key():
    """A key, and what the policy keeps of it."""
    made = subprocess.run([BINARY, "api-key", "new", "--id", "reports"], capture_output=True, text=True, timeout=20 * SLOWNESS, check=True).stdout
    return re.search(r"bwk_[A-Za-z0-9_-]{43}", made)[0], re.search(r"sha256:[0-9a-f]{64}", made)[0]


@pytest.fixture(scope="module", autouse=True)
def policys_environment(api_key):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_KEY", SECRET.decode())
        patch.setenv("REPORTS_KEY_HASH", api_key[1])
        yield


@pytest.fixture(scope="module")
def bearward(app_process, policys_environment, tmp_path_factory):
    process = bearward_process(tmp_path_factory.mktemp("bearward"), example(), http=app_process.address)
    yield process
    process.stop()


@pytest.fixture
def start_app(database, tmp_path):
    """Starts another app, with more in its environment, and Bearward before it: (app, Bearward)."""
    signal.alarm(90 * SLOWNESS)  # two programs are started within the test
    with contextlib.ExitStack() as stack:
        def start(configuration=None, **environment):
            number = len(list(tmp_path.glob("app-*")))
            app = fastapi_process(tmp_path / f"app-{number}", **{"DATABASE_URL": database.url, **environment})
            stack.callback(app.stop)
            bearward = bearward_process(tmp_path / f"proxy-{number}", configuration or example(), http=app.address)
            stack.callback(bearward.stop)
            return app, bearward

        yield start


@pytest.fixture
def start_behind(app_process, tmp_path):
    """Starts another Bearward before the app, for one test."""
    with contextlib.ExitStack() as stack:
        def start(configuration):
            directory = tmp_path / f"behind-{len(list(tmp_path.glob('behind-*')))}"
            process = bearward_process(directory, configuration, http=app_process.address)
            stack.callback(process.stop)
            return process

        yield start


@pytest.fixture(scope="module")
def ann(bearward):
    """A user of acme: (access token, refresh token)."""
    return log_in(bearward, "ann")


@pytest.fixture(scope="module")
def amy(bearward):
    """Another user of acme."""
    return log_in(bearward, "amy")


@pytest.fixture(scope="module")
def bob(bearward):
    """An admin, of globex."""
    return log_in(bearward, "bob")

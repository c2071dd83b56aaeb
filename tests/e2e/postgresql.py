"""Debian's PostgreSQL 15 as the example's database.sh starts it, in a folder of its own on a unix socket."""

import os
import shutil
import subprocess
import tempfile

from conftest import SLOWNESS
from fastapi_process import EXAMPLE


class postgresql_server:
    def __init__(self):
        # Not below pytest's folders: as root it runs as the user postgres, who can't get there.
        self.directory = tempfile.mkdtemp(prefix="bearward-")
        try:
            self.url = self.script("start").strip()
        except BaseException:
            self.stop()
            raise

    def script(self, what):
        done = subprocess.run([EXAMPLE / "database.sh", what, self.directory], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60 * SLOWNESS)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def owners_url(self):
        """As the owner of the database, whom no policy binds."""
        return self.url.replace("widgets_app@", "owner@")

    def run(self, sql):
        """Rows, each a list of texts."""
        command = ["/usr/lib/postgresql/15/bin/psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--set", "ON_ERROR_STOP=1",
                   "--host", self.directory, "--username", "owner", "widgets"]
        done = subprocess.run(command, input=sql, capture_output=True, text=True, timeout=30 * SLOWNESS, env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.returncode == 0, done.stderr
        return [line.split("|") for line in done.stdout.splitlines()]

    def fill(self, **widgets):
        """The table has these rows and no others, numbered anew: a list of names for each tenant."""
        rows = ", ".join(f"('{tenant}', 'seed', '{name}')" for tenant, names in widgets.items() for name in names)
        self.run(f"TRUNCATE widgets RESTART IDENTITY; INSERT INTO widgets (tenant_id, made_by, name) VALUES {rows}")

    def stop(self):
        try:
            if os.path.exists(os.path.join(self.directory, "data/postmaster.pid")):
                self.script("stop")
        finally:
            shutil.rmtree(self.directory)

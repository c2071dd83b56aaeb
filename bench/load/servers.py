"""The proxies that are measured: their configurations, their processes, what /proc says of them."""

import atexit
import os
import pathlib
import socket
import subprocess
import time

import tokens

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build" / "release"
PROXY_CPU, LOAD_CPU = 0, 1
UPSTREAM_PORT = 18001
PAGE = "http://localhost:3000"
PATHS = {"HS256": "/hs", "RS256": "/rs", "ES256": "/es", "EdDSA": "/ed"}
PORTS = {
    "bearward": 18080, "bearward tiny cache": 18081, "bearward tls": 18082, "bearward guarded": 18083,
    "haproxy": 18090, "haproxy HS256": 18091, "haproxy RS256": 18092, "haproxy ES256": 18093, "haproxy tls": 18094,
    "nginx": 18100, "nginx auth_request": 18101, "nginx tls": 18102,
}


def bearward_configuration(folder, cache, port, tls_port=None, guarded=False):
    """guarded: with CORS and a rate limit that nobody reaches."""
    def provider(algorithm, keys):
        return (f"  {algorithm}: {{issuer: \"{tokens.ISSUER}\", audiences: [widgets-api], algorithms: [{algorithm}],"
                f" token_cache: {{max_bytes: {cache}}}, keys: {keys}}}\n")
    text = f"version: 1\nthreads: 1\nadmin: {{address: \"off\"}}\nlog: {{access: off, level: error}}\n"
    text += f"limits: {{max_connections: 8000}}\nlisten:\n  - address: 127.0.0.1:{port}\n"
    if tls_port:
        text += (f"  - {{address: \"127.0.0.1:{tls_port}\", tls: {{certificates:"
                 f" [{{certificate: {folder}/tls.crt, private_key: {folder}/tls.key}}]}}}}\n")
    text += f"upstreams: {{app: {{servers: [\"127.0.0.1:{UPSTREAM_PORT}\"]}}}}\nproviders:\n"
    text += provider("HS256", f"{{secret: {{value: \"{tokens.SECRET}\"}}}}")
    for algorithm in ("RS256", "ES256", "EdDSA"):
        text += provider(algorithm, f"{{pem_file: {folder}/{algorithm}.pem}}")
    if guarded:
        text += (f"cors: {{allow_origins: [\"{PAGE}\"], allow_methods: [GET, POST], allow_headers: [Authorization], allow_credentials: true}}\n"
                 "defaults: {upstream: app, rate_limit: {per: user, rate: 1000000/s}}\nroutes:\n  - {prefix: /, auth: none}\n")
    else:
        text += "defaults: {upstream: app}\nroutes:\n  - {prefix: /, auth: none}\n"
    for algorithm, path in PATHS.items():
        text += f"  - {{prefix: {path}, providers: [{algorithm}]}}\n"
    return text


def haproxy_configuration(folder):
    text = """global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout client 75s
  timeout server 60s
  timeout connect 2s
  timeout tunnel 10m
  option http-keep-alive
  default_backend app
backend app
  http-reuse always
"""
    text += f"  server app 127.0.0.1:{UPSTREAM_PORT} pool-max-conn 128\n"
    text += f"frontend plain\n  bind 127.0.0.1:{PORTS['haproxy']}\n"
    text += f"frontend tls\n  bind 127.0.0.1:{PORTS['haproxy tls']} ssl crt {folder}/tls.pem\n"
    for algorithm in ("HS256", "RS256", "ES256"):
        key = f'"{tokens.SECRET}"' if algorithm == "HS256" else f'"{folder}/{algorithm}.pem"'
        text += f"""frontend {algorithm}
  bind 127.0.0.1:{PORTS['haproxy ' + algorithm]}
  http-request set-var(txn.bearer) http_auth_bearer
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_header_query('$.alg') -m str {algorithm} }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.iss') -m str {tokens.ISSUER} }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify("{algorithm}",{key}) -m int 1 }}
  http-request set-var(txn.now) date()
  http-request set-var(txn.left) var(txn.bearer),jwt_payload_query('$.exp','int'),sub(txn.now)
  http-request deny deny_status 401 unless {{ var(txn.left) -m int gt 0 }}
  http-request set-header X-User-Id %[var(txn.bearer),jwt_payload_query('$.sub')]
  http-request del-header Authorization
"""
    return text


def nginx_configuration(folder):
    forward = """      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
"""
    return f"""master_process off; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 8000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 75s; client_max_body_size 0;
  client_body_temp_path {folder}; proxy_temp_path {folder};
  proxy_request_buffering off; proxy_max_temp_file_size 0;
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream app {{ server 127.0.0.1:{UPSTREAM_PORT}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{PORTS['nginx']};
    listen 127.0.0.1:{PORTS['nginx tls']} ssl;
    ssl_certificate {folder}/tls.crt; ssl_certificate_key {folder}/tls.key;
    location / {{
{forward}    }}
  }}
  server {{
    listen 127.0.0.1:{PORTS['nginx auth_request']};
    location / {{
      auth_request /auth;
{forward}    }}
    location = /auth {{
      internal;
      proxy_pass http://app/auth; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_pass_request_body off; proxy_set_header Content-Length "";
    }}
  }}
}}
"""


class Process:
    """A server, pinned to one CPU."""

    def __init__(self, name, command, cpu, log):
        self.name = name
        self.child = subprocess.Popen(["taskset", "-c", str(cpu), *map(str, command)],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self):
        return self.child.pid

    def cpu(self):
        """(user, system) seconds. The sum is the scheduler's, exact; the split is that of the clock ticks."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return total, int(fields[11]), int(fields[12])

    def private_kib(self):
        kib = 0
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                kib += int(line.split()[1])
        return kib

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=bench.test", "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
                   check=True, capture_output=True)
    (folder / "tls.pem").write_text((folder / "tls.crt").read_text() + (folder / "tls.key").read_text())


def start(folder):
    """All servers by name; TLS only where this Bearward has it."""
    make_certificate(folder)
    plain = bearward_configuration(folder, "32MiB", PORTS["bearward"])
    with_tls = bearward_configuration(folder, "32MiB", PORTS["bearward"], PORTS["bearward tls"])
    (folder / "bearward.yaml").write_text(with_tls)
    binary = BUILD / "bearward"
    tls = subprocess.run([binary, "check", "-c", folder / "bearward.yaml"], capture_output=True).returncode == 0
    if not tls:
        (folder / "bearward.yaml").write_text(plain)
    # So small that a token is forgotten long before it comes again.
    (folder / "tiny.yaml").write_text(bearward_configuration(folder, "128KiB", PORTS["bearward tiny cache"]))
    (folder / "guarded.yaml").write_text(bearward_configuration(folder, "32MiB", PORTS["bearward guarded"], guarded=True))
    (folder / "haproxy.cfg").write_text(haproxy_configuration(folder))
    (folder / "nginx.conf").write_text(nginx_configuration(folder))
    log = open(folder / "servers.log", "wb")
    commands = {
        "upstream": ([BUILD / "bench" / "bench_upstream", UPSTREAM_PORT], LOAD_CPU),
        "bearward": ([binary, "-c", folder / "bearward.yaml"], PROXY_CPU),
        "bearward tiny cache": ([binary, "-c", folder / "tiny.yaml"], PROXY_CPU),
        "bearward guarded": ([binary, "-c", folder / "guarded.yaml"], PROXY_CPU),
        "haproxy": (["haproxy", "-db", "-f", folder / "haproxy.cfg"], PROXY_CPU),
        "nginx": (["nginx", "-c", folder / "nginx.conf", "-e", folder / "nginx.err"], PROXY_CPU),
    }
    running = {name: Process(name, command, cpu, log) for name, (command, cpu) in commands.items()}
    for process in running.values():
        atexit.register(process.stop)
    for name, port in [("upstream", UPSTREAM_PORT), *PORTS.items()]:
        if name == "bearward tls" and not tls:
            continue
        wait_for(name, port, folder)
    return running, tls


def wait_for(name, port, folder):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"{name} does not listen on {port}:\n{(folder / 'servers.log').read_text()}")


def process_of(name):
    """The process that has this port: 'haproxy RS256' is one of haproxy's."""
    return name if name in ("bearward tiny cache", "bearward guarded") else name.split()[0]


def versions():
    def first(command):
        run = subprocess.run(command, capture_output=True, text=True)
        return (run.stdout + run.stderr).splitlines()[0]
    return {"bearward": first([BUILD / "bearward", "--version"]), "haproxy": first(["haproxy", "-v"]), "nginx": first(["nginx", "-v"]),
            "kernel": os.uname().release}

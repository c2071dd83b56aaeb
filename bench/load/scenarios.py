"""What is measured: for each scenario the contestants, the load, and what it has to show."""

import dataclasses

import servers


@dataclasses.dataclass
class Scenario:
    name: str
    what: str
    contestants: list          # names of servers.PORTS; the first is ours
    load: list                 # arguments of bench_load
    targets: dict = dataclasses.field(default_factory=dict)  # contestant -> highest ratio of CPU
    per: str = "request"       # what the CPU time is divided by
    path: str = "/"
    tokens: tuple = ()         # algorithm, how many different ones
    user: float = 0            # most microseconds of user time
    tail: bool = False         # p99 at most 1.2 of the better one's


MIB, GIB = 1 << 20, 1 << 30
KEEP_ALIVE = ["requests", "--connections", "64"]
ALL = ["bearward", "haproxy", "nginx"]


def every(quick):
    bodies = ["--connections", "1", "--count", "1"]
    large, large_name = (GIB // 8, "128m") if quick else (GIB, "1g")
    found = [
        Scenario("plain", "keep-alive GET, no auth", ALL, KEEP_ALIVE, tail=True),
        Scenario("hs256", "HS256, one token (cached here)", ["bearward", "haproxy", "nginx", "haproxy HS256", "nginx auth_request"],
                 KEEP_ALIVE, {"haproxy": 0.85, "nginx": 1.0, "haproxy HS256": 0.5}, tokens=("HS256", 1), user=5, tail=True),
        Scenario("rs256", "RS256, one token (cached here)", ["bearward", "haproxy", "nginx", "haproxy RS256"], KEEP_ALIVE,
                 {"haproxy": 0.85, "nginx": 1.0, "haproxy RS256": 0.25}, tokens=("RS256", 1), user=5),
        Scenario("es256", "ES256, one token (cached here)", ["bearward", "haproxy", "nginx", "haproxy ES256"], KEEP_ALIVE,
                 {"haproxy": 0.85, "nginx": 1.0, "haproxy ES256": 0.12}, tokens=("ES256", 1), user=5),
        Scenario("eddsa", "EdDSA, one token (cached here)", ["bearward", "haproxy", "nginx"], KEEP_ALIVE,
                 {"haproxy": 0.85, "nginx": 1.0}, tokens=("EdDSA", 1), user=5),
        Scenario("hs256_new", "HS256, every token new", ["bearward tiny cache", "haproxy HS256"], KEEP_ALIVE,
                 {"haproxy HS256": 0.8}, tokens=("HS256", 3000)),
        Scenario("rs256_new", "RS256, every token new", ["bearward tiny cache", "haproxy RS256"], KEEP_ALIVE,
                 {"haproxy RS256": 0.8}, tokens=("RS256", 3000)),
        Scenario("es256_new", "ES256, every token new", ["bearward tiny cache", "haproxy ES256"], KEEP_ALIVE,
                 {"haproxy ES256": 0.8}, tokens=("ES256", 3000)),
        Scenario("eddsa_new", "EdDSA, every token new (HAProxy has none)", ["bearward tiny cache"], KEEP_ALIVE, tokens=("EdDSA", 3000)),
        Scenario("guarded", "HS256, CORS and a rate limit on, to the same without", ["bearward guarded", "bearward"],
                 [*KEEP_ALIVE, "--header", f"Origin: {servers.PAGE}"], {"bearward": 1.03}, tokens=("HS256", 1)),
        Scenario("rate", "GET at 2,000 a second, no auth", ALL, [*KEEP_ALIVE, "--rate", "2000"], {"nginx": 1.0}),
        Scenario("fresh", "a new connection per request, no auth", ALL, [*KEEP_ALIVE, "--fresh"], {"haproxy": 0.9}),
        Scenario("down_1m", "1 MiB down", ALL, ["requests", "--connections", "8"], path=f"/bytes/{MIB}"),
        Scenario("up_1m", "1 MiB up", ALL, ["requests", "--connections", "8", "--upload", str(MIB)]),
        Scenario(f"down_{large_name}", f"{large >> 20} MiB down", ALL, ["requests", *bodies], {"haproxy": 0.75}, per="body",
                 path=f"/bytes/{large}"),
        Scenario(f"up_{large_name}", f"{large >> 20} MiB up", ALL, ["requests", *bodies, "--upload", str(large)], {"haproxy": 0.75},
                 per="body"),
        Scenario("echo_32", "WebSocket echo of 32 bytes", ALL, ["echo", "--connections", "64", "--message", "32"],
                 {"haproxy": 0.7, "nginx": 1.0}, per="message"),
        Scenario("echo_64k", "WebSocket echo of 64 KiB", ALL, ["echo", "--connections", "8", "--message", "65536"],
                 {"haproxy": 1.0, "nginx": 1.0}, per="message"),
        Scenario("tls", "keep-alive GET over TLS 1.3, no auth (wrk)", ["bearward tls", "haproxy tls", "nginx tls"], ["wrk"]),
    ]
    return found


# Private KiB a connection: (name, what, arguments, most of HAProxy's)
MEMORY = [
    ("idle", "idle keep-alive connection", [], (1000, 5000), 1.0),
    ("idle_ws", "idle WebSocket", ["--websocket"], (500, 2000), 0.6),
]

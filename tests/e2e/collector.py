"""A collector of traces that keeps what it is sent: OTLP over HTTP in JSON."""

import http.server
import json
import threading
import time

from conftest import SLOWNESS


def attributes(pairs):
    """By key; numbers as such."""
    found = {}
    for pair in pairs:
        assert pair["key"] not in found, pairs
        (kind, value), = pair["value"].items()
        found[pair["key"]] = int(value) if kind == "intValue" else value
        assert kind in ("stringValue", "intValue") and isinstance(value, str), pair
    return found


class received_span:
    def __init__(self, raw, service):
        self.raw = raw
        self.service = service
        self.trace, self.id, self.parent = raw["traceId"], raw["spanId"], raw.get("parentSpanId")
        self.name = raw["name"]
        self.start, self.end = int(raw["startTimeUnixNano"]), int(raw["endTimeUnixNano"])
        self.attributes = attributes(raw["attributes"])
        self.failed = raw.get("status", {}).get("code", 0) == 2

    def __getitem__(self, key):
        return self.attributes.get(key)


class trace_collector:
    """Answers 200 to batches, or `answer` (status, body); waits for `gate` first."""

    def __init__(self, port=0):
        self.lock = threading.Lock()
        self.batches = []  # (headers, body as text)
        self.answer = (200, b"{}")
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = 0
        collector = self

        class handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with collector.lock:
                    collector.waiting += 1
                collector.gate.wait(60)
                status, said = collector.answer
                with collector.lock:
                    collector.waiting -= 1
                    collector.batches.append((self.path, dict(self.headers.items()), body))
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)
                except OSError:
                    pass  # the sender has given up

            def log_message(self, *_):
                pass

        class threads(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

        self.server = threads(("127.0.0.1", port), handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1/traces?tenant=1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def text(self):
        with self.lock:
            return "".join(body for _, _, body in self.batches)

    def spans(self):
        found = []
        with self.lock:
            batches = list(self.batches)
        for _, _, body in batches:
            for resource in json.loads(body)["resourceSpans"]:
                service = attributes(resource["resource"]["attributes"])["service.name"]
                found += [received_span(raw, service) for scope in resource["scopeSpans"] for raw in scope["spans"]]
        return found

    def wait(self, count, fits=lambda span: True):
        """So many spans that fit; they come a moment after the answers."""
        deadline = time.monotonic() + 10 * SLOWNESS
        while len(found := [span for span in self.spans() if fits(span)]) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} spans: {self.text()[-2000:]}"
            time.sleep(0.05)
        assert len(found) == count, [span.raw for span in found]
        return found

    def of(self, request_id):
        """The span of the request with this id."""
        return self.wait(1, lambda span: span["bearward.request_id"] == request_id)[0]

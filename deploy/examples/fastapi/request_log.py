"""One line a request: method, path, status, duration, and the ID under which Bearward's access log has it."""

import logging
import time

log = logging.getLogger("uvicorn.error").getChild("requests")


class RequestLog:
    """ASGI middleware: it looks on, and holds back neither bodies nor answers."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def look(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, look)
        finally:
            request_id = dict(scope["headers"]).get(b"x-request-id", b"-").decode("latin-1")
            log.info("%s %s %d %.1f ms %s", scope["method"], scope["path"], status, (time.perf_counter() - began) * 1000, request_id)

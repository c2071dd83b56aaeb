"""Runs the app of deploy/examples/fastapi and writes down what arrives there.

Run as a program it prints its port and serves. The file RECORD gets a line of JSON for everything that arrives; the rest of the environment is the app's.
"""

import json
import logging
import os
import pathlib
import socket
import sys

import uvicorn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy/examples/fastapi"))
from app import app as example  # noqa: E402: it is found there only now


class recorder:
    """Before the framework sees it."""

    def __init__(self, inner, path):
        self.inner = inner
        self.file = open(path, "a", buffering=1, encoding="utf-8")

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            line = {
                "type": scope["type"], "method": scope.get("method"), "path": scope["path"], "query": scope["query_string"].decode("latin-1"),
                "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
                "subprotocols": list(scope.get("subprotocols", [])),
            }
            self.file.write(json.dumps(line) + "\n")
        await self.inner(scope, receive, send)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    settings = uvicorn.Config(recorder(example, os.environ["RECORD"]), log_level="warning", http="h11", ws="websockets", lifespan="off")
    logging.getLogger("uvicorn.error.requests").setLevel(logging.INFO)
    uvicorn.Server(settings).run(sockets=[listener])

"""A FastAPI app whose only token code is its login: who asks, it reads from the headers that the proxy sets.

Run as a program it prints its port and serves. SECRET_KEY signs the tokens; the file RECORD gets a line of JSON for everything that arrives.
"""

import hashlib
import json
import os
import socket
import time
from typing import List

import uvicorn
from fastapi import Depends, FastAPI, File, Form, Header, HTTPException, Request, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import StreamingResponse
from fastapi.security import OAuth2PasswordRequestForm
from jose import jwt
from passlib.context import CryptContext
from pydantic import BaseModel, Field

passwords = CryptContext(schemes=["bcrypt"], bcrypt__rounds=4)
ACCOUNTS = {
    "ann@example.com": {"password": passwords.hash("ann's password"), "tenant": "acme", "roles": ["user"]},
    "bob@example.com": {"password": passwords.hash("bob's password"), "tenant": "globex", "roles": ["user", "admin"]},
}
WIDGETS = {"acme": ["anvil", "rocket"], "globex": ["lever"]}

web = FastAPI()
web.add_middleware(
    CORSMiddleware, allow_origins=["http://localhost:3000"], allow_credentials=True, allow_methods=["GET", "POST"],
    allow_headers=["Authorization", "Content-Type"], expose_headers=["X-Total"], max_age=600)


def sign(account, kind, seconds, **more):
    """A token of this kind for an account, valid for so many seconds."""
    now = int(time.time())
    claims = {"sub": account, "tid": ACCOUNTS[account]["tenant"], "aud": "widgets-api", "type": kind, "iat": now, "exp": now + seconds, **more}
    return jwt.encode(claims, os.environ["SECRET_KEY"], algorithm="HS256")


def access_token(account):
    return sign(account, "access", 1800, roles=ACCOUNTS[account]["roles"])


class caller:
    """Whoever the proxy says is asking."""

    def __init__(self, x_user_id: str = Header(), x_tenant_id: str = Header(), x_user_roles: str = Header("")):
        self.user = x_user_id
        self.tenant = x_tenant_id
        self.roles = [role for role in x_user_roles.split(",") if role]

    def facts(self):
        return {"user": self.user, "tenant": self.tenant, "roles": self.roles}


@web.post("/token")
def log_in(form: OAuth2PasswordRequestForm = Depends()):
    account = ACCOUNTS.get(form.username)
    if account is None or not passwords.verify(form.password, account["password"]):
        raise HTTPException(401, "Wrong name or password", headers={"WWW-Authenticate": 'Bearer realm="the app"'})
    return {"access_token": access_token(form.username), "refresh_token": sign(form.username, "refresh", 86400), "token_type": "bearer"}


@web.post("/refresh")
def refresh(who: caller = Depends()):
    return {"access_token": access_token(who.user), "token_type": "bearer"}


@web.get("/hello")
def hello(x_user_id: str = Header("stranger")):
    return {"hello": x_user_id}


@web.get("/users/me/")
def who_am_i(who: caller = Depends()):
    return who.facts()


@web.delete("/users/{number}")
def delete_user(number: int, who: caller = Depends()):
    return {"deleted": number, "by": who.user}


@web.get("/admin/dashboard")
def dashboard(who: caller = Depends()):
    return {"dashboard": who.user}


@web.get("/api/v1/protected/data")
def data(who: caller = Depends()):
    return {"data": [1, 2, 3], "for": who.user}


@web.get("/tenants/{tenant_id}/widgets")
def widgets(tenant_id: str, who: caller = Depends()):
    return {"asked": tenant_id, "widgets": WIDGETS[who.tenant]}


class item(BaseModel):
    name: str = Field(min_length=1)
    price: float = Field(gt=0)
    tags: List[str] = []


@web.post("/items", status_code=201)
def make_item(made: item, who: caller = Depends()):
    return {**made.dict(), "owner": who.user}


@web.get("/items")
def list_items(skip: int = 0, limit: int = 100):
    return {"skip": skip, "limit": limit}


async def described(file):
    digest, size = hashlib.sha256(), 0
    while part := await file.read(1 << 20):
        digest.update(part)
        size += len(part)
    return {"name": file.filename, "type": file.content_type, "size": size, "hash": digest.hexdigest()}


@web.post("/upload")
async def upload(file: UploadFile, who: caller = Depends()):
    return {**await described(file), "owner": who.user}


@web.post("/upload/many")
async def upload_many(files: List[UploadFile]):
    return [await described(file) for file in files]


@web.post("/upload/form")
async def upload_with_fields(file: UploadFile = File(), description: str = Form(), tags: List[str] = Form([])):
    return {**await described(file), "description": description, "tags": tags}


@web.post("/upload/stream")
async def upload_stream(request: Request):
    digest, size, parts = hashlib.sha256(), 0, 0
    async for part in request.stream():
        digest.update(part)
        size += len(part)
        parts += 1
    return {"size": size, "hash": digest.hexdigest(), "parts": parts}


@web.post("/upload/echo")
async def upload_echo(file: UploadFile):
    async def parts():
        while part := await file.read(1 << 20):
            yield part

    return StreamingResponse(parts(), media_type=file.content_type)


@web.websocket("/ws")
async def echo(peer: WebSocket):
    await peer.accept()
    await peer.send_json({"user": peer.headers.get("x-user-id"), "tenant": peer.headers.get("x-tenant-id")})
    try:
        while True:
            await peer.send_text("echo " + await peer.receive_text())
    except WebSocketDisconnect:
        pass


rooms = {}


@web.websocket("/ws/rooms/{room}")
async def chat(peer: WebSocket, room: str):
    await peer.accept()
    present = rooms.setdefault((peer.headers["x-tenant-id"], room), [])
    present.append(peer)
    try:
        await peer.send_text("welcome")
        while True:
            line = f"{peer.headers['x-user-id']}: {await peer.receive_text()}"
            for each in list(present):
                await each.send_text(line)
    except WebSocketDisconnect:
        pass
    finally:
        present.remove(peer)


class recorder:
    """Writes down everything that arrives, before the framework sees it."""

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
    settings = uvicorn.Config(recorder(web, os.environ["RECORD"]), log_level="warning", http="h11", ws="websockets", lifespan="off")
    uvicorn.Server(settings).run(sockets=[listener])

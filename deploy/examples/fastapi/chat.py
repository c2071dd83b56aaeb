"""A chat: what is said in a room is heard by all sockets of that room and tenant. Tokens, refusals and expiry are Bearward's."""

import asyncio
from collections import defaultdict

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from identity import Caller, current_caller

router = APIRouter()
rooms = defaultdict(set)


async def say(key, line):
    """A socket that fails is on its way out; the others hear it all the same."""
    await asyncio.gather(*(socket.send_text(line) for socket in list(rooms[key])), return_exceptions=True)


@router.websocket("/ws/rooms/{room}")
async def chat(socket: WebSocket, room: str, caller: Caller = Depends(current_caller)):
    await socket.accept()
    key = (caller.tenant, room)
    rooms[key].add(socket)
    try:
        await socket.send_text("welcome")
        while True:
            await say(key, f"{caller.user}: {await socket.receive_text()}")
    except WebSocketDisconnect:
        pass
    finally:
        rooms[key].discard(socket)
        if not rooms[key]:
            del rooms[key]


@router.websocket("/ws")
async def echo(socket: WebSocket, caller: Caller = Depends(current_caller)):
    await socket.accept()
    await socket.send_json({"user": caller.user, "tenant": caller.tenant})
    try:
        while True:
            await socket.send_text("echo " + await socket.receive_text())
    except WebSocketDisconnect:
        pass

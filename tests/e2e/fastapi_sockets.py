"""WebSockets of the example app, as clients open them."""

import asyncio

import pytest
import websockets
from conftest import SLOWNESS


def open_socket(bearward, target, **more):
    return websockets.connect(f"ws://{bearward.address}{target}", open_timeout=15 * SLOWNESS, close_timeout=5, **more)


def first_message(bearward, target, **options):
    async def run():
        async with open_socket(bearward, target, **options) as socket:
            return await asyncio.wait_for(socket.recv(), 15 * SLOWNESS)

    return asyncio.run(run())


def closed_with(bearward, target, **options):
    """(code, reason) of a socket that is refused."""
    async def run():
        async with open_socket(bearward, target, **options) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 15 * SLOWNESS)
            return closed.value.rcvd.code, closed.value.rcvd.reason

    return asyncio.run(run())

"""Between Bearward and an app that doesn't record: passes bytes on both ways, and keeps what came for the app."""

import asyncio

from upstreams import in_thread


class recording_relay(in_thread):
    def __init__(self, port):
        super().__init__()
        self.port = port
        self.received = b""
        self.server = self.run(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]

    def stop(self):
        self.server.close()
        self.end()

    def forget(self):
        self.received = b""

    async def serve(self, reader, writer):
        app_reader, app_writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def there():
            while data := await reader.read(65536):
                self.received += data
                app_writer.write(data)
                await app_writer.drain()

        async def back():
            while data := await app_reader.read(65536):
                writer.write(data)
                await writer.drain()

        ways = [asyncio.ensure_future(way()) for way in (there, back)]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for each in (writer, app_writer):
                each.close()

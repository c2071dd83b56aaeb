// mqtt.js, with aedes as the broker, under the subprotocol mqtt.
import {once} from "node:events";

export function serve(app) {
  const {createWebSocketStream} = app.load("ws");
  const broker = app.load("aedes")();
  app.sockets("/mqtt").on("connection", (socket, request) => {
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    broker.handle(stream, request);
  });
}

export async function talk({load, url, headers, query, entries, stay}) {
  const mqtt = load("mqtt");
  const {WebSocket} = load("ws");
  let socket = null, refused = null, closed = null;
  const client = mqtt.connect(`${url}?${new URLSearchParams(query)}`, {
    wsOptions: {headers}, reconnectPeriod: 0, connectTimeout: 15000,
    createWebsocket: (address, protocols) => {
      socket = new WebSocket(address, [...protocols, ...entries], {headers, perMessageDeflate: {threshold: 0}});
      socket.on("error", (error) => {
        refused = error.message;
      });
      socket.on("close", (code, reason) => {
        closed = {code, reason: `${reason}`};
      });
      return socket;
    },
  });
  const close = once(client, "close");
  const opened = await Promise.race([once(client, "connect").then(() => true, () => false), close.then(() => false)]);
  // The library's close may come before its socket's.
  const socketClosed = async () => {
    await close.catch(() => {});
    for (let waited = 0; closed === null && waited < 50; ++waited) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return closed;
  };
  if (!opened) {
    return {opened, closed: await socketClosed(), refused};
  }
  const topic = `rooms/${process.pid}`;
  await client.subscribeAsync(topic, {qos: 1});
  const messages = new Promise((resolve) => {
    const got = [];
    client.on("message", (_, payload) => got.push(`${payload}`) === 3 && resolve(got));
  });
  for (const text of ["one", "two", "three".repeat(20000)]) {
    await client.publishAsync(topic, text, {qos: 1});
  }
  const answer = (await messages).map((text) => text.slice(0, 5));
  const protocol = socket.protocol;
  if (!stay) {
    await client.endAsync();
  }
  return {opened, answer, protocol, closed: await socketClosed()};
}

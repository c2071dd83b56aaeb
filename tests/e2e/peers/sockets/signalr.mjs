// SignalR's client, and a small hub with its JSON protocol: negotiation, handshake, pings, invocations both ways, a stream.
import {randomUUID} from "node:crypto";

const SEPARATOR = "\x1e"; // ends each message of the protocol
const INVOCATION = 1, STREAM_ITEM = 2, COMPLETION = 3, STREAM_INVOCATION = 4, PING = 6;

export function serve(app) {
  const expected = new Set();
  app.answer("/hub/negotiate", (request, response) => {
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const [connectionId, connectionToken] = [randomUUID(), randomUUID()];
    expected.add(connectionToken);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({connectionId, connectionToken, negotiateVersion: 1, availableTransports: [{transport: "WebSockets", transferFormats: ["Text", "Binary"]}]}));
  });
  app.sockets("/hub").on("connection", (socket, request) => {
    if (expected.delete(new URL(request.url, "http://hub").searchParams.get("id"))) {
      converse(socket, request);
    } else {
      socket.close(4404, "not negotiated");
    }
  });
}

function converse(socket, request) {
  const send = (...messages) => socket.send(messages.map((message) => JSON.stringify(message) + SEPARATOR).join(""));
  let pings = 0, greeted = false, timer = null;
  const methods = {
    who: () => request.headers["x-user-id"],
    add: (...numbers) => numbers.reduce((sum, number) => sum + number, 0),
    pings: () => pings,
    fail: () => {
      throw new Error("as asked");
    },
    tellMe: (text) => send({type: INVOCATION, target: "told", arguments: [text]}),
  };
  const receive = (message) => {
    if (!greeted) {
      greeted = message.protocol === "json" && message.version === 1;
      send(greeted ? {} : {error: "json, version 1"});
      timer = setInterval(() => send({type: PING}), 100);
    } else if (message.type === PING) {
      ++pings;
    } else if (message.type === INVOCATION) {
      const {invocationId} = message;
      try {
        const result = methods[message.target](...message.arguments);
        if (invocationId) {
          send({type: COMPLETION, invocationId, result: result ?? null});
        }
      } catch (error) {
        send({type: COMPLETION, invocationId, error: error.message});
      }
    } else if (message.type === STREAM_INVOCATION) {
      const {invocationId} = message;
      const items = Array.from({length: message.arguments[0]}, (_, item) => ({type: STREAM_ITEM, invocationId, item}));
      send(...items, {type: COMPLETION, invocationId});
    }
  };
  socket.on("message", (data) => `${data}`.split(SEPARATOR).slice(0, -1).forEach((text) => receive(JSON.parse(text))));
  socket.on("close", () => clearInterval(timer));
  socket.on("error", () => {});
}

// place: query is what the library does in a browser, header what it does on Node.
export async function talk({load, url, token, place, stay}) {
  if (place === "query") {
    Object.defineProperty(process, "release", {value: {name: "a browser"}});
    globalThis.WebSocket = load("ws").WebSocket;
  }
  const {HubConnectionBuilder, HttpTransportType, LogLevel} = load("@microsoft/signalr");
  const connection = new HubConnectionBuilder()
    .withUrl(url.replace("ws://", "http://"), {transport: HttpTransportType.WebSockets, ...(token ? {accessTokenFactory: () => token} : {})})
    .configureLogging(LogLevel.None).build();
  connection.keepAliveIntervalInMilliseconds = 50;
  connection.serverTimeoutInMilliseconds = 5000; // without the hub's pings it would end
  const closed = new Promise((resolve) => connection.onclose((error) => resolve(error?.message ?? null)));
  const told = new Promise((resolve) => connection.on("told", resolve));
  try {
    await connection.start();
  } catch (error) {
    return {opened: false, refused: error.message};
  }
  const answer = {who: await connection.invoke("who"), sum: await connection.invoke("add", 1, 2, 3)};
  await connection.send("tellMe", "something");
  answer.told = await told;
  answer.failed = await connection.invoke("fail").catch((error) => error.message);
  answer.items = await new Promise((resolve, reject) => {
    const items = [];
    connection.stream("count", 4).subscribe({next: (item) => items.push(item), complete: () => resolve(items), error: reject});
  });
  while (await connection.invoke("pings") < 3) {
    await new Promise((resolve) => setTimeout(resolve, 300)); // it pings where it has nothing else to send
  }
  if (!stay) {
    await connection.stop();
  }
  return {opened: true, answer, closed: await closed};
}

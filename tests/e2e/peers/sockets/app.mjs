// One app with a server of every library: /ws, /io, /graphql, /hub and /mqtt. usage: node app.mjs PACKAGES; prints its port.
// PACKAGES: the folder of node_modules. GET /seen tells which requests and handshakes came since it was last asked, as [{url, upgrade, headers}].
import {createServer} from "node:http";
import {createRequire} from "node:module";
import {join} from "node:path";
import * as graphql from "./graphql.mjs";
import * as mqtt from "./mqtt.mjs";
import * as signalr from "./signalr.mjs";
import * as socketIo from "./socket_io.mjs";
import * as webSocket from "./web_socket.mjs";

const load = createRequire(join(process.argv[2], "package.json"));
const {WebSocketServer} = load("ws");
const answers = {};
const upgrades = {};
let seen = [];

const app = {
  load,
  server: createServer((request, response) => {
    const answer = answers[request.url.split("?")[0]];
    if (answer) {
      answer(request, response);
    } else if (!request.url.startsWith("/io/")) {
      response.writeHead(404).end();
    }
  }),
  answer(path, handler) {
    answers[path] = handler;
  },
  // A WebSocketServer for this path, with permessage-deflate where the client offers it.
  sockets(path, options = {}) {
    const sockets = new WebSocketServer({noServer: true, perMessageDeflate: {threshold: 0}, ...options});
    upgrades[path] = (request, connection, head) => sockets.handleUpgrade(request, connection, head, (socket) => sockets.emit("connection", socket, request));
    return sockets;
  },
};

app.answer("/seen", (_, response) => {
  response.end(JSON.stringify(seen));
  seen = [];
});
for (const part of [graphql, mqtt, signalr, socketIo, webSocket]) {
  part.serve(app);
}
// After the parts, since socket.io puts listeners of its own in front.
const record = (upgrade) => (request) => {
  if (request.url !== "/seen") {
    seen.push({url: request.url, upgrade, headers: request.headers});
  }
};
app.server.prependListener("request", record(false));
app.server.prependListener("upgrade", record(true));
app.server.on("upgrade", (request, connection, head) => {
  const path = request.url.split("?")[0];
  if (upgrades[path]) {
    upgrades[path](request, connection, head);
  } else if (!path.startsWith("/io/")) {
    connection.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  }
});
app.server.listen(0, "127.0.0.1", () => console.log(app.server.address().port));

// The ws library: an echo that compresses, and a client of any such echo.
import {randomBytes} from "node:crypto";
import {once} from "node:events";

export function serve(app) {
  app.sockets("/ws").on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, {binary}));
    socket.on("error", () => {});
  });
}

// size: of the largest message; what is sent has texts, bytes that compress and bytes that don't, an empty one, and one in fragments.
export async function talk({load, url, headers, query, entries, stay, size = 300000, compress = true}) {
  const {WebSocket} = load("ws");
  const socket = new WebSocket(`${url}?${new URLSearchParams(query)}`, entries, {headers, perMessageDeflate: compress && {threshold: 0}});
  const closed = new Promise((resolve) => socket.on("close", (code, reason) => resolve({code, reason: `${reason}`})));
  let refused = null;
  socket.on("error", (error) => {
    refused = error.message;
  });
  const opened = await Promise.race([once(socket, "open").then(() => true, () => false), closed.then(() => false)]);
  if (!opened) {
    return {opened, refused, closed: await closed};
  }
  const sent = ["hello", Buffer.alloc(0), Buffer.alloc(size), randomBytes(size), "täglich ".repeat(size / 8), ...Array.from({length: 50}, (_, number) => `number ${number}`)];
  const got = [];
  const all = new Promise((resolve) => socket.on("message", (data, binary) => {
    got.push(binary ? data : `${data}`);
    if (got.length === sent.length + 1) {
      resolve(true);
    }
  }));
  for (const message of sent) {
    socket.send(message);
  }
  for (const part of ["one ", "two ", "three"]) {
    socket.send(part, {fin: part === "three"});
  }
  const complete = await Promise.race([all, closed]);
  socket.ping("are you there");
  const [pong] = complete === true ? await once(socket, "pong") : [""];
  const answer = complete === true && `${pong}` === "are you there" && [...sent, "one two three"].every((message, number) => Buffer.compare(Buffer.from(message), Buffer.from(got[number])) === 0);
  if (!stay) {
    socket.close(4000, "done");
  }
  return {opened, answer, protocol: socket.protocol, extensions: socket.extensions, closed: await closed};
}

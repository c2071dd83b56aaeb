// socket.io, by polling, by WebSocket, and from the one to the other.
export function serve(app) {
  const {Server} = app.load("socket.io");
  const io = new Server(app.server, {path: "/io/", pingInterval: 300, pingTimeout: 5000, perMessageDeflate: {threshold: 0}, destroyUpgrade: false});
  io.on("connection", (socket) => {
    socket.on("who", (answer) => answer(socket.handshake.headers["x-user-id"]));
    socket.on("echo", (data, answer) => answer(data));
  });
}

// transports: of socket.io; with both, the answer comes after the upgrade. timeout: its own, in ms; with one given nothing counts but what its documented events tell.
export async function talk({load, url, headers, query, transports, timeout, stay}) {
  const {io} = load("socket.io-client");
  const target = new URL(url);
  const socket = io(target.origin, {
    path: `${target.pathname}/`, transports, query, extraHeaders: headers, reconnection: false, timeout: timeout ?? 15000, perMessageDeflate: {threshold: 0},
  });
  const refused = await new Promise((resolve) => {
    socket.on("connect", () => resolve(null));
    socket.on("connect_error", (error) => {
      const {context} = error;
      resolve({message: error.message, description: typeof error.description === "number" ? error.description : null, code: context?.code ?? null});
    });
    // A WebSocket that is closed before the first packet: only this tells of it at once.
    if (!timeout) {
      socket.io.engine.once("close", (message, {context} = {}) => resolve({message, code: context?.code ?? null, reason: context?.reason ?? null}));
    }
  });
  if (refused) {
    return {opened: false, refused};
  }
  const disconnected = new Promise((resolve) => socket.on("disconnect", (reason, details) => {
    const {context, description} = details ?? {};
    resolve({message: reason, code: context?.code ?? null, reason: context?.reason ?? null, status: typeof description === "number" ? description : context?.status ?? null});
  }));
  const {engine} = socket.io;
  if (transports.length > 1 && engine.transport.name !== transports.at(-1)) {
    await new Promise((resolve) => engine.once("upgrade", resolve));
  }
  const transport = engine.transport.name;
  const text = "text ".repeat(10000);
  const echoed = await socket.emitWithAck("echo", {text, bytes: Buffer.from("bytes")});
  const answer = {who: await socket.emitWithAck("who"), echoed: echoed.text === text && Buffer.from(echoed.bytes).toString() === "bytes"};
  if (!stay) {
    socket.disconnect();
  }
  return {opened: true, answer, transport, closed: await disconnected};
}

// An app on Node's own http server, for the tests against real peers. usage: node node_app.js [PORT]; prints its port.
// The last segment of the path says what it does; the prefix does not matter.
"use strict";
const http = require("http");
const crypto = require("crypto");
const {Readable} = require("stream");
const {pipeline} = require("stream/promises");

const blockSize = 65536;

/// Bytes that don't repeat: a counter, then a pattern. peers.py makes the same.
function block(number, size) {
  const bytes = Buffer.alloc(blockSize);
  for (let i = 0; i < blockSize; ++i) bytes[i] = i & 0xff;
  bytes.writeBigUInt64BE(BigInt(number), 0);
  return bytes.subarray(0, size);
}

function* blocks(size) {
  for (let number = 0, left = size; left > 0; ++number, left -= blockSize) yield block(number, Math.min(left, blockSize));
}

async function sendData(response, size, withLength) {
  if (withLength) response.setHeader("Content-Length", size);
  response.writeHead(200, {"Content-Type": "application/octet-stream"});
  await pipeline(Readable.from(blocks(size), {objectMode: false, highWaterMark: 2 * blockSize}), response);
}

async function digest(request) {
  const hash = crypto.createHash("md5");
  let length = 0;
  for await (const piece of request) {
    hash.update(piece);
    length += piece.length;
  }
  return {length, md5: hash.digest("hex"), trailers: request.rawTrailers, headers: request.headers, raw: request.rawHeaders};
}

async function answer(request, response, continued) {
  const url = new URL(request.url, "http://app");
  const what = url.pathname.split("/").pop();
  response.setHeader("X-Continued", continued ? "yes" : "no");
  response.setHeader("X-Port", request.socket.remotePort); // which connection of the proxy it came on
  if (what === "echo") {
    response.setHeader("X-Framing", request.headers["transfer-encoding"] || request.headers["content-length"] || "none");
    request.pipe(response);
  } else if (what === "digest") {
    response.end(JSON.stringify(await digest(request)));
  } else if (what === "data") {
    await sendData(response, Number(url.searchParams.get("size")), url.searchParams.has("length"));
  } else if (what === "trailers") {
    response.setHeader("Trailer", "X-Sum, Content-Length");
    response.write("body with ");
    response.write("trailers");
    response.addTrailers({"X-Sum": "42", "X-User-Id": "root"});
    response.end();
  } else if (what === "hints") {
    response.writeEarlyHints({link: "</style.css>; rel=preload"}, () => response.end("after hints"));
  } else if (what === "nothing" || what === "same") {
    response.writeHead(what === "nothing" ? 204 : 304, {ETag: '"1"'});
    response.end();
  } else if (what === "until-close") {
    response.useChunkedEncodingByDefault = false;
    response.removeHeader("Content-Length");
    response.shouldKeepAlive = false;
    response.write("until ");
    response.end("the close");
  } else if (what === "events") {
    response.writeHead(200, {"Content-Type": "text/event-stream"});
    for (let number = 0; number < 5; ++number) {
      response.write(`data: ${number}\n\n`);
      await new Promise((go) => setTimeout(go, 100));
    }
    response.end();
  } else {
    response.end("hello");
  }
}

/// A client that breaks off must not end the app.
function serve(request, response, continued) {
  answer(request, response, continued).catch(() => response.destroy());
}

const server = http.createServer((request, response) => serve(request, response, false));
server.on("checkContinue", (request, response) => {
  if (request.url.includes("refuse")) {
    response.writeHead(403, {Connection: "close"});
    response.end("not that");
    return;
  }
  response.writeContinue();
  serve(request, response, true);
});
server.requestTimeout = 0;
server.listen(Number(process.argv[2] || 0), "127.0.0.1", () => console.log(server.address().port));

// Express with its defaults: routes ignore case and one slash at the end. usage: node express_app.js; prints its port.
"use strict";
const express = require("express");

const evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
const app = express();

function report(handler) {
  return (request, response) => {
    const seen = {};
    for (const [name, value] of Object.entries(request.headers)) seen["HTTP_" + name.toUpperCase().replace(/[^A-Z0-9]/g, "_")] = value;
    response.json({handler, method: request.method, seen});
  };
}

/// Node sends no body where none may be, so it is put on the connection behind its back.
app.all("/leftover/:what", (request, response) => {
  const socket = response.socket;
  const status = {204: 204, 304: 304}[request.params.what] || 200;
  response.writeHead(status, status === 200 ? {"Content-Length": evil.length} : {});
  response.end();
  setTimeout(() => socket.writable && socket.write(evil), 20);
});
app.all("/admin/users", report("admin"));
app.all("/secret", report("secret"));
app.delete("/items/:name", report("delete"));
app.all(/.*/, report("everything"));

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));

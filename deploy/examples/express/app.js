// A small Express API behind Bearward. It reads no token. usage: PORT=3000 node app.js
"use strict";
const express = require("express");
const identity = require("./identity.js");

const widgets = new Map([["acme", ["anvil", "rocket"]], ["globex", ["lever"]]]);

const app = express();
app.use(identity);

app.get("/healthz", (request, response) => response.json({status: "ok"}));
app.get("/hello", (request, response) => response.json({hello: request.identity.user || "stranger"}));
app.get("/me", (request, response) => response.json(request.identity));
app.get("/tenants/:tenant/widgets", (request, response) => {
  response.json({tenant: request.params.tenant, widgets: widgets.get(request.params.tenant) || []});
});
app.get("/admin/dashboard", (request, response) => response.json({dashboard: request.identity.user}));

// On loopback, where Bearward is and no client.
const server = app.listen(process.env.PORT || 3000, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));

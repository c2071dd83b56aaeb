// One library as a client. usage: node client.mjs PACKAGES LIBRARY URL OPTIONS
// OPTIONS, as JSON: token; place: where it stands (header, query, subprotocol); stay: wait after the answer until the other side closes; what else a library takes.
// Prints what came of it as JSON: opened, answer, protocol, extensions, and closed: {code, reason} or refused: what the library tells of a refusal.
import {createRequire} from "node:module";
import {join} from "node:path";

const [packages, library, url, options] = process.argv.slice(2);
const load = createRequire(join(packages, "package.json"));
const {token, place = "header", ...more} = JSON.parse(options);
const {talk} = await import(`./${library}.mjs`);

const result = await talk({
  load, url, token, place, ...more,
  headers: token && place === "header" ? {Authorization: `Bearer ${token}`} : {},
  query: token && place === "query" ? {access_token: token} : {},
  entries: token && place === "subprotocol" ? ["bearer", token] : [],
});
console.log(JSON.stringify(result));
process.exit(0);

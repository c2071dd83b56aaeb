// What the tests ask of undici. usage: node undici_client.js ACTION URL TOKEN [SIZE]; prints JSON.
"use strict";
const crypto = require("crypto");
const {Readable} = require("stream");
const {Client, fetch, request} = require("undici");

const [action, url, token, sizeText] = process.argv.slice(2);
const size = Number(sizeText || 0);
const target = new URL(url);
const headers = {authorization: `Bearer ${token}`};
const blockSize = 65536;

function* blocks(total) {
  for (let number = 0, left = total; left > 0; ++number, left -= blockSize) {
    const bytes = Buffer.alloc(blockSize);
    for (let i = 0; i < blockSize; ++i) bytes[i] = i & 0xff;
    bytes.writeBigUInt64BE(BigInt(number), 0);
    yield bytes.subarray(0, Math.min(left, blockSize));
  }
}

async function digest(body) {
  const hash = crypto.createHash("md5");
  let length = 0;
  for await (const piece of body) {
    hash.update(piece);
    length += piece.length;
  }
  return {length, md5: hash.digest("hex")};
}

const actions = {
  // Many requests on one connection, several of them under way at once.
  async pipeline() {
    const client = new Client(target.origin, {pipelining: 10});
    const one = async (number) => {
      const {statusCode, body} = await client.request({path: target.pathname, method: "GET", headers: {...headers, "x-number": `${number}`}});
      return [statusCode, await body.text()];
    };
    const answers = await Promise.all(Array.from({length: 100}, (_, number) => one(number)));
    await client.close();
    return answers;
  },
  async keep() {
    const client = new Client(target.origin);
    const answers = [];
    for (let number = 0; number < 20; ++number) {
      const {statusCode, body} = await client.request({path: target.pathname, method: "POST", headers, body: `number ${number}`});
      answers.push([statusCode, await body.text()]);
    }
    await client.close();
    return answers;
  },
  async chunked() {
    const {statusCode, headers: got, body} = await request(url, {method: "POST", headers, body: Readable.from(["one ", "two ", "three"])});
    return [statusCode, await body.text(), got["x-framing"], got["transfer-encoding"]];
  },
  async trailers() {
    const {statusCode, body, trailers} = await request(url, {headers: {...headers, te: "trailers"}});
    const text = await body.text();
    return [statusCode, text, trailers];
  },
  async upload() {
    const {statusCode, body} = await request(url, {method: "POST", headers: {...headers, "content-length": `${size}`}, body: Readable.from(blocks(size), {objectMode: false})});
    return [statusCode, await body.json()];
  },
  async download() {
    const {statusCode, body} = await request(`${url}?size=${size}`, {headers});
    return [statusCode, await digest(body)];
  },
  async fetch() {
    const answers = [];
    for (const method of ["GET", "POST", "PUT", "DELETE", "HEAD"]) {
      const answer = await fetch(url, {method, headers, body: method === "POST" || method === "PUT" ? "body" : undefined});
      answers.push([method, answer.status, await answer.text()]);
    }
    const refused = await fetch(url);
    answers.push(["GET", refused.status, refused.headers.get("www-authenticate")]);
    return answers;
  },
};

actions[action]().then(
  (result) => console.log(JSON.stringify(result)),
  (error) => {
    console.error(error);
    process.exit(1);
  });

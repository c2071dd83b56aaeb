// A real issuer: oidc-provider, which nobody here wrote, on loopback. usage: node issuer.mjs PACKAGES KEYS PORT LABEL...; prints its port.
// PACKAGES: the folder of node_modules. KEYS: a folder where the key set of each LABEL is kept, so that a later run has it again. It signs with those of the first LABEL and publishes all.
// PORT: 0 picks one. LOGOUT in the environment: where the client `app` hears of logouts, and whether with the session (OpenID Connect Back-Channel Logout 1.0), as JSON. Tokens for a resource https://HOST/ALGORITHM are JWTs so signed (ES256 for https://HOST/), those for https://HOST/opaque are not.
import {generateKeyPairSync, randomBytes} from "node:crypto";
import {existsSync, readFileSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {join} from "node:path";
import {pathToFileURL} from "node:url";

const [packages, folder, port, ...labels] = process.argv.slice(2);
const {default: Provider} = await import(pathToFileURL(join(packages, "node_modules/oidc-provider/lib/index.js")));

const makers = {
  RS256: () => generateKeyPairSync("rsa", {modulusLength: 2048}),
  PS256: () => generateKeyPairSync("rsa", {modulusLength: 2048}),
  ES256: () => generateKeyPairSync("ec", {namedCurve: "P-256"}),
  EdDSA: () => generateKeyPairSync("ed25519"),
};

function keysOf(label) {
  const file = join(folder, `${label}.json`);
  if (!existsSync(file)) {
    const made = Object.entries(makers).map(([alg, make]) => ({...make().privateKey.export({format: "jwk"}), alg, use: "sig", kid: `${label}-${alg}`}));
    writeFileSync(file, JSON.stringify(made));
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

const SCOPES = "widgets:read widgets:write";

function resourceServer(resource) {
  const {pathname} = new URL(resource);
  const format = pathname.slice(1);
  const server = {audience: resource, scope: SCOPES, accessTokenTTL: 600};
  if (format === "opaque") return {...server, accessTokenFormat: "opaque"};
  return {...server, accessTokenFormat: "jwt", jwt: {sign: {alg: format || "ES256"}}};
}

// The client that hears of logouts has `sid` in its tokens where it is told the session.
const logout = process.env.LOGOUT ? JSON.parse(process.env.LOGOUT) : {};

const configuration = {
  jwks: {keys: labels.flatMap(keysOf)},
  cookies: {keys: [randomBytes(16).toString("hex")]},
  pkce: {required: () => true},
  clients: [
    {client_id: "service", client_secret: "secret-of-service", grant_types: ["client_credentials"], redirect_uris: [], response_types: [], scope: SCOPES},
    {client_id: "app", client_secret: "secret-of-app", redirect_uris: ["https://app.test/callback"], scope: `openid ${SCOPES}`, ...logout},
    {client_id: "bearward", client_secret: "secret-of-bearward", grant_types: [], redirect_uris: [], response_types: []},
  ],
  scopes: ["openid", ...SCOPES.split(" ")],
  findAccount: (_, id) => ({accountId: id, claims: () => ({sub: id})}),
  extraTokenClaims: (_, token) => ({tid: "acme", roles: token.accountId ? ["editor"] : ["robot"], sid: token.sid}),
  features: {
    clientCredentials: {enabled: true},
    revocation: {enabled: true},
    backchannelLogout: {enabled: "backchannel_logout_uri" in logout},
    introspection: {enabled: true, allowedPolicy: (_, client) => client.clientId === "bearward"},
    resourceIndicators: {enabled: true, getResourceServerInfo: (_, resource) => resourceServer(resource), useGrantedResource: () => true},
  },
};

const server = createServer();
server.listen(Number(port), "127.0.0.1", () => {
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, configuration);
  provider.on("backchannel.error", (_, error) => console.error(error));
  server.on("request", provider.callback());
  console.log(server.address().port);
});

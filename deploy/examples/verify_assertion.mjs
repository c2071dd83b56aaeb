// Verifies Bearward's assertion in an app, with what Node has. `keySet`: what the admin
// listener answers at /jwks.json. Throws where the assertion is not for this request.
import { createPublicKey, verify } from "node:crypto";

const digests = { ES256: "sha256", ES384: "sha384", ES512: "sha512", RS256: "sha256", EdDSA: null };

export function verifyAssertion(assertion, { keySet, audience, issuer = "bearward", method, path, now = Date.now() / 1000 }) {
  const [head, body, signature] = assertion.split(".");
  const parse = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
  const jwk = keySet.keys.find((key) => key.kid === parse(head).kid);
  if (!jwk || jwk.alg !== parse(head).alg || !(jwk.alg in digests)) throw new Error("no key for this assertion");
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  if (!verify(digests[jwk.alg], Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
    throw new Error("the signature is wrong");
  }
  const claims = parse(body);
  if (claims.iss !== issuer || claims.aud !== audience || !(now < claims.exp)) throw new Error("not for us, or too old");
  if (claims.method !== method || claims.path !== path) throw new Error("for another request");
  return claims;
}

"""Keys made on the spot, and tokens: good ones, and forgeries that no library would make."""

import base64
import hashlib
import hmac
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

ISSUER = "https://id.test/"
AUDIENCE = "widgets"
SECRET = b"a secret of more than thirty-two bytes for HS256"

minted = set()  # every token ever made here: none may turn up in a log


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class key_pair:
    """A private key with its PEM forms and its public JWK."""

    def __init__(self, algorithm, kid):
        self.algorithm = algorithm
        self.kid = kid
        if algorithm.startswith("RS"):
            self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            implementation = jwt.algorithms.RSAAlgorithm
        elif algorithm == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
            implementation = jwt.algorithms.ECAlgorithm
        else:
            self.private = ed25519.Ed25519PrivateKey.generate()
            implementation = jwt.algorithms.OKPAlgorithm
        self.private_pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.public_pem = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        if algorithm == "ES256":
            numbers = self.private.public_key().public_numbers()
            self.jwk = {"kty": "EC", "crv": "P-256", "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}
        else:
            exported = implementation.to_jwk(self.private.public_key())
            self.jwk = json.loads(exported) if isinstance(exported, str) else dict(exported)
            self.jwk.pop("key_ops", None)
        self.jwk.update(kid=kid, alg=algorithm, use="sig")


RSA = key_pair("RS256", "rsa-1")
EC = key_pair("ES256", "ec-1")
ED = key_pair("EdDSA", "ed-1")
KEY_SET = json.dumps({"keys": [RSA.jwk, EC.jwk, ED.jwk]})


def claims(**changes):
    """The claims of a good token for u-1 of t-1, changed as told; None leaves a claim out."""
    now = int(time.time())
    result = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "u-1", "tid": "t-1", "roles": ["reader"],
        "scope": "widgets:read", "iat": now, "exp": now + 600,
    }
    result.update(changes)
    return {name: value for name, value in result.items() if value is not None}


def assemble(header, payload, sign):
    """A compact JWS of exactly these two parts, signed by a function of the signing input."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
    signing_input = encode(json.dumps(header, separators=(",", ":")).encode()) + "." + encode(body)
    token = signing_input + "." + encode(sign(signing_input.encode()))
    minted.add(token)
    return token


def hs256(secret=SECRET):
    return lambda signing_input: hmac.new(secret, signing_input, hashlib.sha256).digest()


def mint(**changes):
    """A token of HS256."""
    return assemble({"alg": "HS256", "typ": "JWT"}, claims(**changes), hs256())


def mint_with(pair, kid=True, **changes):
    """A token of RS256, ES256 or EdDSA."""
    token = jwt.encode(claims(**changes), pair.private_pem, algorithm=pair.algorithm, headers={"kid": pair.kid} if kid else None)
    minted.add(token)
    return token


def tampered(token, **changes):
    """The token with other claims under the old signature."""
    header, payload, signature = token.split(".")
    data = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    data.update(changes)
    result = ".".join([header, encode(json.dumps(data).encode()), signature])
    minted.add(result)
    return result


def bearer(token):
    return {"Authorization": "Bearer " + token}

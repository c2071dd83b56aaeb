"""Keys and tokens of the measurements."""

import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

SECRET = "a-secret-of-the-measurements-longer-than-32-bytes"
ISSUER = "https://id.example.com/"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Keys:
    """One key an algorithm; public ones are written as PEM files into the folder."""

    def __init__(self, folder):
        self.private = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }
        for algorithm, key in self.private.items():
            pem = key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            (folder / f"{algorithm}.pem").write_bytes(pem)

    def sign(self, algorithm, text):
        if algorithm == "HS256":
            return hmac.digest(SECRET.encode(), text, hashlib.sha256)
        key = self.private[algorithm]
        if algorithm == "RS256":
            return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        if algorithm == "ES256":
            r, s = utils.decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return key.sign(text)

    def mint(self, algorithm, number):
        now = int(time.time())
        header = {"alg": algorithm, "typ": "JWT", "kid": "bench-1"}
        claims = {
            "iss": ISSUER, "aud": "widgets-api", "sub": f"0b9c8a6e-4a53-4ad2-a1c6-{number:012d}", "tid": "t-1",
            "roles": ["reader", "editor"], "scope": "read write", "iat": now, "exp": now + 36000,
            "jti": f"5e6f7c10-9f5e-4d75-8d34-{number:012d}", "email": "ada@example.com",
        }
        text = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        return text + "." + encode(self.sign(algorithm, text.encode()))


def write(keys, folder, algorithm, count):
    """A file with a token a line."""
    path = folder / f"{algorithm}_{count}.tokens"
    path.write_text("".join(keys.mint(algorithm, number) + "\n" for number in range(count)))
    return path

"""DPoP proofs (RFC 9449), sound ones and forgeries, by a key made on the spot."""

import hashlib
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from tokens import assemble, encode


class prover:
    """A client with a key of its own."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        self.jwk = {"kty": "EC", "crv": "P-256", "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}
        canonical = json.dumps({name: self.jwk[name] for name in sorted(self.jwk)}, separators=(",", ":"))
        self.thumbprint = encode(hashlib.sha256(canonical.encode()).digest())

    @property
    def cnf(self):
        return {"jkt": self.thumbprint}

    def sign(self, signing_input):
        r, s = utils.decode_dss_signature(self.private.sign(signing_input, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def proof(self, token, url, method="GET", header=(), **changes):
        """None leaves a member out."""
        claims = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(time.time()), "ath": encode(hashlib.sha256(token.encode()).digest()), **changes}
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk, **dict(header)}
        return assemble({name: value for name, value in head.items() if value is not None},
                        {name: value for name, value in claims.items() if value is not None}, self.sign)

    def headers(self, token, url, method="GET", **changes):
        return {"Authorization": "DPoP " + token, "DPoP": self.proof(token, url, method, **changes)}

"""Verifies Bearward's assertion in an app (PyJWT). The public keys come from the admin listener, once."""

import jwt


class AssertionVerifier:
    def __init__(self, key_set_url, audience, issuer="bearward", algorithms=("ES256",)):
        self.keys = jwt.PyJWKClient(key_set_url)
        self.expected = {"audience": audience, "issuer": issuer, "algorithms": list(algorithms)}

    def verify(self, assertion, method, path):
        """Its claims (sub, tid, roles, ...). Raises jwt.InvalidTokenError where it is not for this request."""
        key = self.keys.get_signing_key_from_jwt(assertion).key
        claims = jwt.decode(assertion, key, options={"require": ["exp", "iat", "aud", "iss"]}, **self.expected)
        if (claims["method"], claims["path"]) != (method, path):
            raise jwt.InvalidTokenError("the assertion is for another request")
        return claims

"""The key that signs tokens: made once, kept in the state folder, published as JWKS.

Owns: the RSA key. Leaves: what a token says to `tokens.py`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from localazure.settings import write_private

__all__ = ["SigningKey"]


class SigningKey:
    """An RSA key; cryptography is imported at first use, to keep the start short."""

    def __init__(self, path: Path | None) -> None:
        """`path` None makes a key for this process only, for tests."""
        self._path = path
        self._key: Any = None
        self._jwk: dict[str, str] | None = None

    def sign(self, claims: dict[str, object]) -> str:
        import jwt

        return jwt.encode(claims, self._private(), algorithm="RS256", headers={"kid": self.jwk()["kid"]})

    def open(self, token: str) -> dict[str, Any]:
        """The claims of a token that carries this key's signature; jwt.PyJWTError otherwise."""
        import jwt

        unchecked = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
        return jwt.decode(token, self._private().public_key(), algorithms=["RS256"], options={**unchecked})  # pyright: ignore[reportArgumentType] a TypedDict by hand

    def jwk(self) -> dict[str, str]:
        """The public half as published."""
        if self._jwk is None:
            from jwt.algorithms import RSAAlgorithm

            public = json.loads(RSAAlgorithm.to_jwk(self._private().public_key()))
            kid = hashlib.sha256(public["n"].encode()).hexdigest()[:27]
            self._jwk = {"kty": "RSA", "use": "sig", "kid": kid, "x5t": kid, "n": public["n"], "e": public["e"]}
        return self._jwk

    def public_pem(self) -> str:
        """The public half for those who check signatures beside us (the blob server)."""
        from cryptography.hazmat.primitives import serialization

        pem: bytes = (
            self._private()
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        return pem.decode()

    def _private(self) -> Any:
        if self._key is None:
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric import rsa

            if self._path is not None and self._path.exists():
                self._key = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
            else:
                self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                pem = self._key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
                if self._path is not None:
                    write_private(self._path, pem)
        return self._key

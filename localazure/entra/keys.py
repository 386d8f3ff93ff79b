"""The keys that sign tokens: made once, kept in the state folder, published as JWKS, changed on demand.

Owns: the RSA keys. After a change the old one verifies until the tokens that it signed are over, and signs no more.
Leaves: what a token says to `tokens.py`.
"""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from localazure.settings import write_private

__all__ = ["SigningKey"]

_OVERLAP = timedelta(hours=2)  # tokens live for one


class SigningKey:
    """An RSA key and its predecessor; cryptography is imported at first use, to keep the start short."""

    def __init__(self, path: Path | None) -> None:
        """`path` None makes a key for this process only, for tests."""
        self._path = path
        self._key: Any = None
        self._jwk: dict[str, str] | None = None
        self._retired: tuple[dict[str, str], datetime] | None = None

    def sign(self, claims: dict[str, object]) -> str:
        import jwt

        return jwt.encode(claims, self._private(), algorithm="RS256", headers={"kid": self.jwk()["kid"]})

    def open(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims of a token that one of our keys signed; jwt.PyJWTError otherwise."""
        import jwt

        unchecked = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
        named = jwt.get_unverified_header(token).get("kid")
        for known in self.jwks(now):
            if known["kid"] == named:
                public = jwt.PyJWK({**known, "alg": "RS256"}).key
                return jwt.decode(token, public, algorithms=["RS256"], options={**unchecked})  # pyright: ignore[reportArgumentType] a TypedDict by hand
        raise jwt.InvalidKeyError("the token names no key of ours")

    def jwk(self) -> dict[str, str]:
        """The public half of the key that signs, as published."""
        if self._jwk is None:
            self._jwk = _public_of(self._private())
        return self._jwk

    def jwks(self, now: datetime) -> list[dict[str, str]]:
        """All keys that count now."""
        current = self.jwk()
        retired = self._retired
        return [current] if retired is None or now >= retired[1] else [current, retired[0]]

    def rotate(self, now: datetime) -> None:
        """Sign with a new key from now on."""
        old = self.jwk()
        retired = (old, now + _OVERLAP)
        if self._path is not None:
            kept = {"jwk": old, "ends": retired[1].isoformat()}
            write_private(self._retired_file(self._path), json.dumps(kept).encode())
        self._key, self._jwk, self._retired = self._make(), None, retired

    def published(self) -> list[dict[str, object]]:
        """Public halves for those who check signatures beside us (the blob server), and the second when each ends."""
        current: dict[str, object] = {"jwk": self.jwk(), "ends": None}
        if self._retired is None:
            return [current]
        return [current, {"jwk": self._retired[0], "ends": self._retired[1].timestamp()}]

    def _private(self) -> Any:
        if self._key is None:
            from cryptography.hazmat.primitives import serialization

            if self._path is not None and self._path.exists():
                self._key = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
                self._retired = _read_retired(self._retired_file(self._path))
            else:
                self._key = self._make()
        return self._key

    def _make(self) -> Any:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if self._path is not None:
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            write_private(self._path, pem)
        return key

    @staticmethod
    def _retired_file(path: Path) -> Path:
        return path.with_suffix(".retired.json")


def _public_of(key: Any) -> dict[str, str]:
    from jwt.algorithms import RSAAlgorithm

    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    kid = hashlib.sha256(public["n"].encode()).hexdigest()[:27]
    return {"kty": "RSA", "use": "sig", "kid": kid, "x5t": kid, "n": public["n"], "e": public["e"]}


def _read_retired(path: Path) -> tuple[dict[str, str], datetime] | None:
    """The key before this one; a file that cannot be read is none, for it only spares people a new sign-in."""
    try:
        kept = json.loads(path.read_bytes())
        return kept["jwk"], datetime.fromisoformat(kept["ends"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

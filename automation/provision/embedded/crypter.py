"""Pulumi's passphrase secrets: a key from a passphrase, values as "v1:nonce:ciphertext".

Owns: PBKDF2 and AES-256-GCM as pulumi/sdk/go/common/resource/config/crypt.go and pkg/secrets/passphrase do them.
Leaves: which values are secret to `state.py`.
"""

import base64
import binascii
import os
import threading

from automation.errors import ConfigError

__all__ = ["Passphrase"]

ITERATIONS = 1_000_000
KEY_BYTES = 32
SALT_BYTES = 8
NONCE_BYTES = 12
WITNESS = "pulumi"


class Passphrase:
    """Encrypts and decrypts with one passphrase; the key is derived when it is first needed, for that takes a while.

    Args:
        passphrase: The stack's passphrase.
        state: "v1:<salt>:v1:<nonce>:<ciphertext>" of an existing stack; None makes a new one.
    """

    def __init__(self, passphrase: str, state: str | None = None) -> None:
        self._passphrase = passphrase
        self._state = state
        self._key: bytes | None = None
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        return "Passphrase()"

    @property
    def state(self) -> str:
        """The salt and a witness, by which a wrong passphrase is noticed."""
        self._derive()
        return self._state or ""

    @property
    def stored_state(self) -> str | None:
        """The state as it was given; None while there is none and nothing needed one."""
        return self._state

    def encrypt(self, text: str, *, place: str = "") -> str:
        """The text, encrypted. The same text at the same place keeps its ciphertext, so that states stay the same."""
        key = self._derive()
        known = self._known.get((place, text))
        if known is None:
            known = self._known[place, text] = _encrypt(key, text)
        return known

    def decrypt(self, text: str, *, place: str = "") -> str:
        plain = _decrypt(self._derive(), text)
        self._known[place, plain] = text
        return plain

    def _derive(self) -> bytes:
        with self._lock:
            if self._key is None:
                self._key = self._open(self._state) if self._state else self._make()
            return self._key

    def _make(self) -> bytes:
        salt = os.urandom(SALT_BYTES)
        key = _key(self._passphrase, salt)
        self._state = f"v1:{_text(salt)}:{_encrypt(key, WITNESS)}"
        return key

    def _open(self, state: str) -> bytes:
        version, salt, witness = [*state.split(":", 2), "", ""][:3]
        if version != "v1" or not salt or not witness:
            raise ConfigError("the state's passphrase salt is not of the form v1:<salt>:v1:<nonce>:<text>")
        key = _key(self._passphrase, _bytes(salt))
        try:
            right = _decrypt(key, witness) == WITNESS
        except ConfigError:
            right = False
        if not right:
            raise ConfigError(
                "the passphrase does not open this stack's secrets",
                hint="set the passphrase that the stack was made with (PULUMI_CONFIG_PASSPHRASE)",
            )
        return key


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    return PBKDF2HMAC(algorithm=SHA256(), length=KEY_BYTES, salt=salt, iterations=ITERATIONS).derive(
        passphrase.encode()
    )


def _encrypt(key: bytes, text: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return f"v1:{_text(nonce)}:{_text(AESGCM(key).encrypt(nonce, text.encode(), None))}"


def _decrypt(key: bytes, text: str) -> str:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    parts = text.split(":")
    if len(parts) != 3 or parts[0] != "v1":
        raise ConfigError("a secret of the state is not of the form v1:<nonce>:<text>")
    try:
        return AESGCM(key).decrypt(_bytes(parts[1]), _bytes(parts[2]), None).decode()
    except (InvalidTag, ValueError) as exc:
        raise ConfigError("a secret of the state cannot be decrypted", hint="is the passphrase right?") from exc


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ConfigError("a secret of the state is not base64") from exc

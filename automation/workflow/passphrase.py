"""The passphrase of a lab's stack state: random, made once, and only its owner can read it."""

import os
import secrets
from pathlib import Path

__all__ = ["stack_passphrase"]


def stack_passphrase(home: Path) -> str:
    """What the secrets in the state below `home` are encrypted with."""
    path = home / "passphrase"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if text := path.read_text("utf-8").strip():
            return text
        path.unlink()  # its writer was killed before the first byte: no state can depend on it
        return stack_passphrase(home)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        text = secrets.token_urlsafe(32)
        file.write(text)
        file.flush()
        os.fsync(handle)
    return text

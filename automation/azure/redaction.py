"""Keep secrets out of every sentence that a person or a log may see.

Owns: the patterns of Azure's secrets (bearer tokens, keys, SAS signatures).
Leaves: calling it to whoever builds a message from something that came from outside.
"""

import re
from collections.abc import Iterable

__all__ = ["SECRET_HEADERS", "redact"]

MARK = "REDACTED"

SECRET_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "ocp-apim-subscription-key",
        "prediction-key",
        "proxy-authorization",
        "training-key",
        "x-ms-copy-source-authorization",
    }
)

_NAMES = (
    "access_?token|account_?key|api-key|client_assertion|client_?secret|id_token|key[12]|ocp-apim-subscription-key"
    "|password|prediction-key|(?:primary|secondary)(?:master)?key|refresh_token|sas_?token"
    "|shared_?access_?(?:key|signature)|training-key"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|sharedkey(?:lite)?)\s+[\w\-.~+/:=]{16,}"), rf"\1 {MARK}"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*"), MARK),
    (re.compile(r"(?i)((?:\b|%3f|%26)sig(?:=|%3d))[^&\s\"'<>]+"), rf"\1{MARK}"),
    (re.compile(rf"(?i)\b({_NAMES})([\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&}}\"']+)"), rf"\1\2{MARK}"),
)
_SHORTEST_SECRET = 4


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Take secrets out of `text`: those given, and all that look like one."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, MARK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text

"""What a refusing answer says: every error envelope of Azure becomes one of our errors.

Owns: the envelopes (ARM and vision, Custom Vision, Entra, OData, blob XML, Label Studio, text, nothing at all), and
which error a status means.
Leaves: when to ask again to `rest.py`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from typing import Any, cast

from automation.azure.redaction import redact
from automation.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    QuotaExceeded,
    ServiceError,
    ServiceUnavailable,
    Throttled,
    Unauthorized,
)

__all__ = ["Problem", "hint_in", "inner_problem", "read_problem", "refusal", "to_error"]

LONGEST_TEXT = 400

QUOTA_CODES = frozenset(
    {
        "accountquotaexceeded",
        "cannotcreatemultiplefreeaccounts",
        "insufficientquota",
        "outofcallvolumequota",
        "quotaexceeded",
        "storageaccountlimitexceeded",
    }
)

NEW_ROLE = "a new role assignment takes up to 10 minutes to work"
HINTS = {
    "authorizationfailed": f"the signed-in identity lacks a role here; {NEW_ROLE}",
    "authorizationpermissionmismatch": f"the identity lacks a blob data role; {NEW_ROLE}",
    "cannotcreatemultiplefreeaccounts": "a subscription has one free account: set visionSku to S1, or delete the other",
    "flagmustbesetforrestore": "a deleted account still has this name: `visionlab doctor` says how to purge it;"
    " or set another `suffix` under `settings:`",
    "missingsubscriptionregistration": "register the resource provider: az provider register --namespace NAME",
    "permissiondenied": f"the signed-in identity lacks a data role here; {NEW_ROLE}",
    "scopelocked": "remove the lock first",
}
# Refusals whose code is that of a hundred others: only their words tell them apart.
HINTS_BY_WORDS = {
    "already exists in deleted state": "a deleted vault still has this name: `visionlab lab down` purges what is this"
    " lab's, then `visionlab lab up` again; or set another `suffix` under `settings:`",
    "soft-deleted workspace exists": "a deleted workspace keeps this name for 14 days, and often cannot be purged any"
    " more: `visionlab lab down`, set another `suffix` under `settings:`, then `visionlab lab up`",
}


def hint_in(text: str) -> str | None:
    """What to do about a refusal that somebody else has put into words, by the code that stands in them."""
    words = {word.lower() for word in re.findall(r"[A-Za-z]{8,}", text)}
    return next((hint for code, hint in HINTS.items() if code in words), None) or _hint_by_words(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What an error answer told: a code for programs, a sentence for people."""

    code: str = ""
    message: str = ""


def read_problem(*, status: int, headers: Mapping[str, str], content: bytes) -> Problem:
    """Read an error answer, whatever its shape. Never raises.

    Args:
        status: The HTTP status.
        headers: With names in lower case.
        content: The body as it came.
    """
    found = _from_body(content, headers.get("content-type", ""))
    code = found.code or headers.get("x-ms-error-code", "")
    return Problem(code=code, message=found.message or _phrase(status))


def to_error(
    problem: Problem,
    *,
    operation: str,
    status: int,
    request_id: str = "",
    retry_after_s: float | None = None,
    secrets: Sequence[str] = (),
) -> ServiceError:
    """Give the error of our tree that a refusing answer means."""
    kind = _kind(status, problem.code)
    code = redact(problem.code, secrets)
    error = kind(
        redact(problem.message, secrets).rstrip(". \n"),
        operation=operation,
        status=status,
        code=code,
        request_id=request_id,
        hint=HINTS.get(code.lower()) or _hint_by_words(problem.message) or _hint(status),
    )
    if isinstance(error, Throttled) and retry_after_s is not None:
        error.retry_after_s = retry_after_s
    return error


def refusal(*, status: int, content: bytes, operation: str) -> ServiceError:
    """The error that an answer means which came by another client than ours."""
    return to_error(read_problem(status=status, headers={}, content=content), operation=operation, status=status)


def inner_problem(error: object) -> Problem:
    """Read one error object: code and message, and those nested in it that say more."""
    if isinstance(error, str):
        return Problem(message=error)
    fields = _lower_keys(error)
    code = _text(fields.get("code"))
    sentences = [_text(fields.get("message"))]
    for nested in _nested(fields):
        below = inner_problem(nested)
        said = " ".join(sentences)
        if below.message and below.message not in said:
            sentences.append(
                below.message if not below.code or below.code in said else f"{below.code}: {below.message}"
            )
        elif below.code and below.code != code and below.code not in said:
            sentences.append(f"({below.code})")
    return Problem(code=code, message=" ".join(s for s in sentences if s))


_KINDS: dict[int, type[ServiceError]] = {
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    408: ServiceUnavailable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    429: Throttled,
    501: ServiceError,  # not implemented: no trouble that passes
    505: ServiceError,
}


def _kind(status: int, code: str) -> type[ServiceError]:
    if code.lower() in QUOTA_CODES and status < 500:
        return QuotaExceeded
    if status in _KINDS:
        return _KINDS[status]
    if status >= 500:
        return ServiceUnavailable
    return InvalidRequest if status >= 400 else ServiceError


def _hint_by_words(text: str) -> str | None:
    lower = text.lower()
    return next((hint for words, hint in HINTS_BY_WORDS.items() if words in lower), None)


def _hint(status: int) -> str | None:
    if status == HTTPStatus.UNAUTHORIZED:
        return "sign in again (az login), and check that tenant and subscription belong together"
    if status == HTTPStatus.FORBIDDEN:
        return HINTS["authorizationfailed"]
    return None


def _from_body(content: bytes, content_type: str) -> Problem:
    text = content.decode("utf-8-sig", errors="replace").strip()
    if not text:
        return Problem()
    if text[0] in "{[":
        try:
            return _from_json(json.loads(text))
        except (ValueError, RecursionError):
            return Problem(message=_shorten(text))
    if text[0] == "<":
        return _from_markup(text)
    return Problem(message="" if content_type.startswith("image/") else _shorten(text))


def _from_json(body: object) -> Problem:
    fields = _lower_keys(cast("list[object]", body)[0] if isinstance(body, list) and body else cast("object", body))
    error = fields.get("error", fields.get("odata.error"))
    if isinstance(error, str):  # Entra: {"error": "invalid_client", "error_description": "AADSTS..."}
        return Problem(code=error, message=_shorten(_text(fields.get("error_description")).splitlines()[0:1]))
    problem = inner_problem(error if error is not None else fields)
    if not problem.message and isinstance(fields.get("detail"), str):
        problem = Problem(code=problem.code, message=_shorten(_detailed(fields)))
    code = problem.code or _text(fields.get("statuscode"))
    return Problem(code=code, message=_shorten(problem.message))


def _detailed(fields: Mapping[str, Any]) -> str:
    """Label Studio's way: a sentence, and by field what is wrong with it."""
    wrong = fields.get("validation_errors")
    parts = cast("dict[str, object]", wrong).items() if isinstance(wrong, dict) else ()
    texts = (
        (name, " ".join(map(str, cast("list[object]", said))) if isinstance(said, list) else str(said))
        for name, said in parts
    )
    return "; ".join([str(fields["detail"]), *(f"{name}: {said}" for name, said in texts)])


def _from_markup(text: str) -> Problem:
    code = re.search(r"<Code>(.*?)</Code>", text, re.DOTALL)
    said = re.search(r"<Message>(.*?)</Message>", text, re.DOTALL) or re.search(
        r"<title>(.*?)</title>", text, re.DOTALL | re.IGNORECASE
    )
    return Problem(
        code=unescape(code.group(1)).strip() if code else "",
        message=_shorten(unescape(said.group(1)).strip().splitlines()[0:1]) if said else "",
    )


def _nested(fields: Mapping[str, Any]) -> Iterator[object]:
    details = fields.get("details")
    if isinstance(details, list):
        yield from cast("list[object]", details)[:3]
    if inner := fields.get("innererror"):
        yield inner


def _lower_keys(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return {str(key).lower(): item for key, item in cast("dict[object, Any]", value).items()}


def _text(value: object) -> str:
    if isinstance(value, dict):  # OData: {"lang": "en-us", "value": "..."}
        value = cast("dict[str, object]", value).get("value")
    return str(value).strip() if isinstance(value, str | int) else ""


def _shorten(text: str | list[str]) -> str:
    joined = " ".join((text if isinstance(text, str) else " ".join(text)).split())
    return joined if len(joined) <= LONGEST_TEXT else joined[: LONGEST_TEXT - 3] + "..."


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"

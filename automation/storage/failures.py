"""What obstore raises becomes one of our errors: a second place of translation, for it brings its own HTTP client.

Owns: finding status, code and sentence in obstore's messages, which are all it gives.
Leaves: their meaning to `automation.azure`, so that both clients give the same errors.
"""

import re

from automation.azure import redact, refusal
from automation.errors import LabError, TransportError

__all__ = ["explain"]

NO_CONTAINER = "containers are made by `visionlab lab up`; is it named in lab.yaml?"

AGAIN = "run the command again: what has arrived is not sent a second time"

_STATUS = re.compile(r"status code: (\d{3})[^:\n]*:?\s*(.*)", re.DOTALL)


def explain(exc: Exception, *, operation: str) -> LabError:
    """Say in our words what obstore raised."""
    said = str(exc)
    answer = _STATUS.search(said.partition("\n\nDebug source")[0])
    if answer is None:
        return _no_answer(said, operation)
    error = refusal(status=int(answer[1]), content=answer[2].encode(), operation=operation)
    if error.code == "ContainerNotFound":
        error.hint = NO_CONTAINER
    return error


def _no_answer(said: str, operation: str) -> TransportError:
    hint = None
    if "ertificate" in said:
        reason, hint = "TLS: certificate not trusted", "does the certificate authority belong to this server?"
    elif "refused" in said:
        reason, hint = "connection refused", "is it running? `visionlab local status`"
    elif "imed out" in said or "imeout" in said.partition("Debug source")[2].replace("retry_timeout", ""):
        reason, hint = "timed out", AGAIN if operation.startswith("upload ") else None
    else:
        hint = AGAIN if operation.startswith("upload ") else None
        reason = redact(said.partition("\n")[0].partition(" - ")[2] or said.partition("\n")[0])
    return TransportError(operation, reason, hint=hint)

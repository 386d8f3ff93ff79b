"""How a template can be wrong, in Azure's words.

Owns: the errors of the template language and the envelopes around them. Leaves: finding the mistakes to whoever raises.
"""

from collections.abc import Mapping, Sequence

from localazure.errors import AzureError

__all__ = [
    "ExpressionError",
    "NeedsRuntime",
    "invalid_request",
    "invalid_template",
    "missing_here",
    "rejected",
    "unprocessable",
]


class ExpressionError(Exception):
    """An expression that cannot be read or computed. `path` is where it stands, once somebody knows."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class NeedsRuntime(Exception):
    """The expression asks for the state of a resource, which only a running deployment can tell."""

    def __init__(self, function: str) -> None:
        super().__init__(function)
        self.function = function


def invalid_template(detail: str, *, path: str | None = None) -> AzureError:
    return AzureError(400, "InvalidTemplate", f"Deployment template validation failed: '{detail}'.", target=path)


def unprocessable(what: str, error: ExpressionError) -> AzureError:
    """An expression of a resource, an output or the like that could not be computed; `what` names its owner."""
    where = f" at '{error.path}'" if error.path else ""
    message = f"Unable to process template language expressions for {what}{where}. '{error.message}'"
    return AzureError(400, "InvalidTemplate", message, target=error.path or None)


def invalid_request(message: str) -> AzureError:
    return AzureError(400, "InvalidRequestContent", f"The request content was invalid: {message}")


def missing_here(what: str) -> AzureError:
    return AzureError(501, "NotImplementedByLocalAzure", f"{what}: the local Azure does not implement this.")


def rejected(problems: Sequence[AzureError]) -> AzureError:
    """What checking the resources of a template found, before anything was made."""
    told = ", ".join(f"'{problem.message}'" for problem in problems)
    many = "Deployment failed with multiple errors" if len(problems) > 1 else "Deployment failed with the error"
    status = 403 if all(problem.status == 403 for problem in problems) else 400
    details: list[Mapping[str, object]] = [problem.error() for problem in problems]
    return AzureError(status, "InvalidTemplateDeployment", f"{many}: {told}", details=details)

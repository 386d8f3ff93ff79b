"""The error answers of the vision service, one function each.

Owns: status, code and sentence. Codes named in the published texts are used as they stand there; the others
(ModelAlreadyExists, EvaluationAlreadyExists, PreconditionFailed, 410) are chosen by analogy.
Leaves: the codes of failed runs to `failures.py`, rendering to `app.py`.
"""

from localazure.errors import AzureError

__all__ = [
    "already_exists",
    "bad_request",
    "image_refused",
    "invalid_annotation_uri",
    "not_found",
    "not_implemented",
    "precondition_failed",
    "retired",
    "wrong_content_type",
]

IMAGE_LIMIT_BYTES = 20_971_520


def bad_request(message: str, *, inner: tuple[str, str] | None = None, target: str | None = None) -> AzureError:
    return AzureError(400, "InvalidRequest", message, inner=inner, target=target)


def invalid_annotation_uri(message: str) -> AzureError:
    return AzureError(400, "DatasetInvalidAnnotationUri", message)


def already_exists(what: str, name: str) -> AzureError:
    """`what` is Dataset, Model or Evaluation."""
    return AzureError(409, f"{what}AlreadyExists", f"A {what.lower()} with the name '{name}' exists already.")


def not_found(what: str, name: str) -> AzureError:
    return AzureError(404, "404", f"Resource not found: there is no {what} '{name}'.")


def precondition_failed(name: str) -> AzureError:
    return AzureError(412, "PreconditionFailed", f"'{name}' was changed meanwhile: its ETag differs from If-Match.")


def not_implemented(what: str) -> AzureError:
    return AzureError(501, "NotImplementedByLocalAzure", f"{what} is not implemented by the local Azure.")


def retired() -> AzureError:
    """The answer of a service that is switched off. Its true body is not known; the date is."""
    return AzureError(
        410,
        "410",
        "Model customization of Image Analysis 4.0 was retired on 31 March 2025. "
        "Use Azure Machine Learning AutoML for images or Custom Vision.",
    )


def wrong_content_type(content_type: str) -> AzureError:
    return bad_request(f"The provided image content type '{content_type}' is not supported.")


def image_refused(reason: str) -> AzureError:
    return bad_request("The image cannot be used.", inner=("InvalidImageFormat", reason))

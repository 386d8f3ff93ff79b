"""Entra's own way of saying no: an HTTP status, an OAuth word, an AADSTS number, a sentence.

Owns: the error type. Leaves: choosing the number to whoever refuses, the JSON to `service.py`.
"""

__all__ = ["EntraError"]


class EntraError(Exception):
    """A refusal in the shape of the token endpoint."""

    def __init__(self, status: int, error: str, number: int, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(f"AADSTS{number}: {message}")
        self.status = status
        self.error = error
        self.number = number
        self.message = message
        self.retry_after_s = retry_after_s

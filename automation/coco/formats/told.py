"""What a conversion has to say: what is wrong, and what was lost, alike things counted in one line.

Owns: counting. Leaves: what is said to whoever finds it.
"""

from collections import Counter
from dataclasses import dataclass

from automation.errors import DatasetError, Finding, Severity

__all__ = ["Lost", "Told"]

AT_MOST_PER_CODE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """So many things of one kind that are not in the new file, or not as they were."""

    code: str
    count: int
    message: str


class Told:
    """Everything said so far."""

    def __init__(self) -> None:
        self._wrong: list[Finding] = []
        self._times: Counter[str] = Counter()
        self._lost: Counter[tuple[str, str]] = Counter()

    def wrong(self, code: str, where: str, message: str, *, hint: str | None = None) -> None:
        """Something that makes a conversion impossible; the first hundred of a kind are listed."""
        self._times[code] += 1
        if self._times[code] <= AT_MOST_PER_CODE:
            finding = Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint)
            self._wrong.append(finding)

    def lost(self, code: str, message: str, count: int = 1) -> None:
        """Something that the new file does not hold; `message` goes on after the count."""
        if count:
            self._lost[code, message] += count

    def refuse(self, name: str) -> None:
        """Raises DatasetError with all that is wrong, if anything is."""
        if not self._wrong:
            return
        more = [
            Finding(code=code, severity=Severity.ERROR, where="", message=f"{times - AT_MOST_PER_CODE:,} more of these")
            for code, times in self._times.items()
            if times > AT_MOST_PER_CODE
        ]
        errors = self._times.total()
        message = f"{name} cannot be converted: {errors:,} error{'s' * (errors != 1)}"
        raise DatasetError(message, findings=[*self._wrong, *more], hint=self._wrong[0].hint)

    @property
    def losses(self) -> tuple[Lost, ...]:
        """All that was lost, in the order in which it was first met."""
        return tuple(Lost(code=code, count=n, message=message) for (code, message), n in self._lost.items())

    def warnings(self, where: str) -> list[Finding]:
        """The losses as findings."""
        return [
            Finding(code=lost.code, severity=Severity.WARNING, where=where, message=f"{lost.count:,} {lost.message}")
            for lost in self.losses
        ]

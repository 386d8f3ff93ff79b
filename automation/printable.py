"""Names out of files on a terminal: what would move its cursor or break a line stands there escaped."""

__all__ = ["printable"]


def printable(text: str) -> str:
    """The text with every character that is not for printing written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)

"""Writing what a conversion makes, beside the checking: in a process of its own when the file is worth it.

Owns: the two writers, and what goes through the pipe between them. Leaves: the text to `text.py`.

Each message is a head and what it announces: text as it stands, or entries with their new numbers. A message says that
all was said: a pipe that ends without it leaves no file that looks whole.
"""

import os
import signal
import struct
import subprocess
import sys
from array import array
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import IO, BinaryIO, Protocol

from automation.splicing.text import NewNumbers, spliced

__all__ = ["Writer", "writer"]

WORTH_BYTES = 16 << 20
_HEAD = struct.Struct("<BQQ?")
_TEXT, _ENTRIES, _END = 0, 1, 2
_WAIT_S = 600.0


class Writer(Protocol):
    """Takes what is to stand in the new file, in its order. OSError when the disk does not."""

    def text(self, raw: bytes) -> None:
        """Bytes as they are."""
        ...

    def entries(self, text: bytes, numbers: NewNumbers) -> None:
        """Annotations as a JSON list, and the numbers that they are to have."""
        ...


@contextmanager
def writer(target: BinaryIO, *, size: int) -> Generator[Writer]:
    """A writer to this file; all is written when the block ends. `size` is that of the old one, in bytes."""
    if size < WORTH_BYTES or (os.cpu_count() or 1) < 2:
        yield _Here(target)
        return
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "automation.splicing.writing"],
        stdin=subprocess.PIPE,
        stdout=target,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert process.stdin is not None
    try:
        try:
            yield _Elsewhere(process.stdin)
            process.stdin.write(_HEAD.pack(_END, 0, 0, False))
            process.stdin.close()
        except BrokenPipeError:  # it has ended: why is in its exit code
            pass
        code = process.wait(_WAIT_S)
        if code:
            raise OSError(code, os.strerror(code) if code > 0 else f"the writer was ended by signal {-code}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if not process.stdin.closed:
            with suppress(BrokenPipeError):
                process.stdin.close()


class _Here:
    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def text(self, raw: bytes) -> None:
        self._target.write(raw)

    def entries(self, text: bytes, numbers: NewNumbers) -> None:
        self._target.write(spliced(text, numbers))


class _Elsewhere:
    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def text(self, raw: bytes) -> None:
        self._pipe.write(_HEAD.pack(_TEXT, len(raw), 0, False))
        self._pipe.write(raw)

    def entries(self, text: bytes, numbers: NewNumbers) -> None:
        looked = bool(numbers.boxed)
        self._pipe.write(_HEAD.pack(_ENTRIES, len(text), len(numbers.areas), looked))
        self._pipe.write(text)
        for part in (numbers.boxes.tobytes(), numbers.areas.tobytes(), numbers.boxed, numbers.sized):
            self._pipe.write(part)


def main(source: BinaryIO, target: BinaryIO) -> int:
    """Write what comes until the end is said; the exit code: 0, or the number of an error of the disk."""
    try:
        while True:
            kind, size, count, looked = _HEAD.unpack(_read(source, _HEAD.size))
            if kind == _END:
                target.flush()
                return 0
            text = _read(source, size)
            if kind == _TEXT:
                target.write(text)
                continue
            boxes, areas = array("d"), array("d")
            boxes.frombytes(_read(source, count * 32))
            areas.frombytes(_read(source, count * 8))
            boxed, sized = (_read(source, count if looked else 0) for _ in range(2))
            target.write(spliced(text, NewNumbers(boxes=boxes, areas=areas, boxed=boxed, sized=sized)))
    except EOFError:  # whoever writes is gone: what there is of the file goes with it
        return 1
    except OSError as error:
        return error.errno or 1


def _read(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who reads: then the pipe ends
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))

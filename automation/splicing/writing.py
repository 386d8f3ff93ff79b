"""Writing what a conversion makes, beside the checking: in a process of its own when the file is worth it.

Owns: the two writers, and what goes through the pipe between them. Leaves: the text to `text.py`.

Each message is a head, which says where in the old file some text stands, and the new numbers of entries. The text
itself does not go through the pipe: the other process reads the same open file. A message says that all was said: a
pipe that ends without it leaves no file that looks whole.
"""

import errno
import os
import signal
import struct
import subprocess
import sys
from array import array
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import IO, BinaryIO, Protocol, TypeVar

from automation.splicing.text import NewNumbers, spliced

__all__ = ["Writer", "writer"]

WORTH_BYTES = 16 << 20
_HEAD = struct.Struct("<BQQQQQQ?")
_TEXT, _ENTRIES, _END = 0, 1, 2
_PIPE_BYTES = 1 << 20  # as much as an ordinary process may ask for: who reads need not wait for who writes
_WAIT_S = 600.0

Number = TypeVar("Number", int, float)


class Writer(Protocol):
    """Takes what is to stand in the new file, in its order. OSError when the disk does not."""

    def text(self, raw: bytes, offset: int) -> None:
        """Bytes as they stand in the old file, from this place on."""
        ...

    def entries(self, raw: bytes, offset: int, numbers: NewNumbers) -> None:
        """Annotations with commas between them, likewise, and the numbers that they are to have."""
        ...


@contextmanager
def writer(target: BinaryIO, source: BinaryIO) -> Generator[Writer]:
    """A writer to a file, of what another one holds; all is written when the block ends.

    Raises:
        OSError: The disk does not take it, the process that writes was ended, or the old file was changed meanwhile.
    """
    before = os.fstat(source.fileno())
    if before.st_size < WORTH_BYTES or (os.cpu_count() or 1) < 2:
        yield _Here(target)
    else:
        with _other_process(target, source) as elsewhere:
            yield elsewhere
    after = os.fstat(source.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise OSError(errno.ESTALE, "the file that is read was changed meanwhile")


@contextmanager
def _other_process(target: BinaryIO, source: BinaryIO) -> Generator[Writer]:
    descriptor = source.fileno()
    process = subprocess.Popen(  # noqa: S603 # ourselves, and a number
        [sys.executable, "-P", "-m", "automation.splicing.writing", str(descriptor)],
        stdin=subprocess.PIPE,
        stdout=target,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        pass_fds=(descriptor,),
        pipesize=_PIPE_BYTES,
    )
    assert process.stdin is not None
    try:
        try:
            yield _Elsewhere(process.stdin)
            process.stdin.write(_HEAD.pack(_END, *[0] * 6, False))
            process.stdin.close()
        except BrokenPipeError:  # it has ended: why is in its exit code
            pass
        code = process.wait(_WAIT_S)
        if code:
            reason = os.strerror(code) if code > 0 else f"the process that writes was ended by signal {-code}"
            raise OSError(code, reason)
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

    def text(self, raw: bytes, offset: int) -> None:
        del offset  # the text is here
        self._target.write(raw)

    def entries(self, raw: bytes, offset: int, numbers: NewNumbers) -> None:
        del offset
        self._target.write(spliced(raw, numbers))


class _Elsewhere:
    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def text(self, raw: bytes, offset: int) -> None:
        self._pipe.write(_HEAD.pack(_TEXT, offset, len(raw), *[0] * 4, False))

    def entries(self, raw: bytes, offset: int, numbers: NewNumbers) -> None:
        sizes = (len(part) for part in (numbers.areas, numbers.polygons, numbers.keypoints, numbers.places))
        self._pipe.write(_HEAD.pack(_ENTRIES, offset, len(raw), *sizes, numbers.usual))
        for part in (numbers.boxes, numbers.areas, numbers.polygons, numbers.keypoints, numbers.places):
            self._pipe.write(part.tobytes())
        for flags in (numbers.boxed, numbers.sized, numbers.outlined, numbers.pointed):
            self._pipe.write(flags)


def main(orders: BinaryIO, source: int, target: BinaryIO) -> int:
    """Write what is ordered until the end is said; the exit code: 0, or the number of an error of the disk.

    Args:
        orders: What comes through the pipe.
        source: The descriptor of the old file.
        target: The new file.
    """
    try:
        while True:
            kind, offset, size, *counts, usual = _HEAD.unpack(_read(orders, _HEAD.size))
            if kind == _END:
                target.flush()
                return 0
            text = _at(source, offset, size)
            target.write(text if kind == _TEXT else spliced(text, _numbers(orders, *counts, usual=usual)))
    except EOFError:  # whoever orders is gone: what there is of the file goes with it
        return 1
    except OSError as error:
        return error.errno or 1


def _numbers(orders: BinaryIO, count: int, polygons: int, keypoints: int, places: int, *, usual: bool) -> NewNumbers:
    def some(found: "array[Number]", size: int) -> "array[Number]":
        found.frombytes(_read(orders, size * found.itemsize))
        return found

    return NewNumbers(
        boxes=some(array("d"), 4 * count),
        areas=some(array("d"), count),
        polygons=some(array("d"), polygons),
        keypoints=some(array("d"), keypoints),
        places=some(array("I"), places),
        boxed=_read(orders, count),
        sized=_read(orders, count),
        outlined=_read(orders, count),
        pointed=_read(orders, count),
        usual=usual,
    )


def _at(source: int, offset: int, size: int) -> bytes:
    """Some of the old file."""
    text = os.pread(source, size, offset)
    while len(text) < size:
        more = os.pread(source, size - len(text), offset + len(text))
        if not more:
            raise OSError(errno.EIO, "the old file has become shorter")
        text += more
    return text


def _read(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who reads: then the pipe ends
    sys.exit(main(sys.stdin.buffer, int(sys.argv[1]), sys.stdout.buffer))

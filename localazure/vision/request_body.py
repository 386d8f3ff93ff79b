"""Bodies of requests: read with a limit, and the picture taken out of a form.

Owns: limits and multipart. Leaves: what the bytes mean to `wire.py` and `analyze.py`.
"""

from collections.abc import AsyncIterator

from localazure.vision.errors import bad_request

__all__ = ["first_file", "read_body"]

_DASHES = b"--"


async def read_body(chunks: AsyncIterator[bytes], limit: int) -> bytes | None:
    """The whole body, or None when it is larger than `limit`."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def first_file(body: bytes, boundary: str) -> bytes:
    """The content of the first file in a multipart/form-data body; without a file name, of the first part."""
    found: bytes | None = None
    for part in body.split(b"\r\n" + _DASHES + boundary.encode("latin-1"))[:-1]:
        headers, separator, content = part.partition(b"\r\n\r\n")
        if not separator:
            continue
        if b"filename" in headers.lower():
            return content
        found = content if found is None else found
    if found is None:
        raise bad_request("The multipart/form-data body holds no file.")
    return found

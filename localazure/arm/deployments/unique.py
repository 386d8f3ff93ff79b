"""uniqueString, guid and the hash of a template.

Owns: Azure's 64-bit hash (a Murmur 3 of two lanes) and its base 32. Known from values that people published:
`tests/localazure/arm/deployments/test_deployment_functions.py` has them. Pure.
"""

import uuid

__all__ = ["guid_of", "murmur64", "unique_string"]

_MASK = 0xFFFFFFFF
_FIRST, _SECOND = 0x239B961B, 0xAB0E9789
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTH = 13
_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")


def unique_string(*parts: str) -> str:
    """Thirteen letters and digits that depend on nothing but the parts."""
    value = murmur64("-".join(parts).encode())
    return "".join(_LETTERS[(value << 5 * at >> 59) & 31] for at in range(_LENGTH))


def guid_of(*parts: str) -> str:
    """A GUID that depends on nothing but the parts."""
    return str(uuid.uuid5(_NAMESPACE, "-".join(parts)))


def murmur64(data: bytes) -> int:
    low = high = 0
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        low ^= _mix(_word(data[at : at + 4]), _FIRST, 15, _SECOND)
        low = ((_rotate(low, 19) + high) * 5 + 0x561CCD1B) & _MASK
        high ^= _mix(_word(data[at + 4 : at + 8]), _SECOND, 17, _FIRST)
        high = ((_rotate(high, 13) + low) * 5 + 0x0BCAA747) & _MASK
    rest = data[whole:]
    low ^= _mix(_word(rest[:4]), _FIRST, 15, _SECOND)
    high ^= _mix(_word(rest[4:]), _SECOND, 17, _FIRST)
    low, high = _joined(low ^ len(data), high ^ len(data))
    low, high = _joined(_final(low), _final(high))
    return high << 32 | low


def _word(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _rotate(value: int, by: int) -> int:
    return (value << by | value >> (32 - by)) & _MASK


def _mix(value: int, before: int, by: int, after: int) -> int:
    return _rotate(value * before & _MASK, by) * after & _MASK


def _joined(low: int, high: int) -> tuple[int, int]:
    low = (low + high) & _MASK
    return low, (low + high) & _MASK


def _final(value: int) -> int:
    value = (value ^ value >> 16) * 0x85EBCA6B & _MASK
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK
    return value ^ value >> 16

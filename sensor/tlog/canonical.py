"""
JSON with one spelling for each value: a pinned subset of RFC 8785 (JSON Canonicalization Scheme).

Two programs that agree on a value agree on its bytes, and so on its hash. The subset leaves out where RFC
8785 and ``orjson`` part, or where a reader in another language would see another value:

- integers beyond ±(2^53 − 1) and floats that are whole numbers beyond it (RFC 8785, section 3.1: IEEE 754
  doubles cannot hold them);
- not-a-number and infinities (section 3.2.2.3);
- lone surrogates in text (section 3.2.2.2), keys with a code point from U+D800 up (RFC 8785 sorts by UTF-16
  code units, ``orjson`` by code points: below U+D800 these are the same order);
- every type but object, array, text, number, boolean and null.

A float that is a whole number is written as an integer (``5.0`` is ``5``): it reads back as an ``int`` that
is equal to it.

Bounds: nesting of ``MAX_DEPTH``; work is linear in the input.
"""

from __future__ import annotations

from typing import Any

import orjson

from sensor.errors import Malformed

__all__ = ["MAX_DEPTH", "MAX_INTEGER", "encode", "encode_pinned", "parse", "pinned"]

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1


def encode(value: Any) -> bytes:
    """
    The one spelling of a JSON value.

    Raises ``Malformed`` for a value outside the subset.

    Source: RFC 8785, section 3.2.
    """
    return encode_pinned(pinned(value))


def pinned(value: Any) -> Any:
    """
    A value with everything in it checked, and its numbers in the form they are written in.

    For ``encode_pinned``. Raises ``Malformed`` for a value outside the subset.
    """
    return _pinned(value, 0)


def encode_pinned(value: Any) -> bytes:
    """
    The one spelling of a value whose parts are known to be in the subset, or were made by ``pinned``.

    Raises ``Malformed`` for text that is not UTF-8.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        # The only thing left that orjson refuses: text that is not UTF-8 (lone surrogates).
        raise Malformed("json_text") from error


def parse(data: bytes) -> Any:
    """
    The value of canonical JSON.

    Raises ``Malformed`` where the bytes are not JSON, or not *the* spelling: white space, other key orders,
    duplicate keys, other escapes and other number forms are all refused.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Malformed("json_syntax") from error
    if encode(value) != data:
        raise Malformed("json_not_canonical")
    return value


def _pinned(value: Any, depth: int) -> Any:
    # Exact types: a subclass (an enum, a named tuple) has a spelling of its own in orjson.
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return value
        raise Malformed("json_number")
    if kind is dict:
        if depth == MAX_DEPTH:
            raise Malformed("json_depth")
        for key in value:
            if type(key) is not str or not (key.isascii() or max(key) < "\ud800"):
                raise Malformed("json_key")
        return {key: _pinned(item, depth + 1) for key, item in value.items()}
    if kind is list or kind is tuple:
        if depth == MAX_DEPTH:
            raise Malformed("json_depth")
        return [_pinned(item, depth + 1) for item in value]
    if kind is float:
        return _pinned_float(value)
    raise Malformed("json_type")


def _pinned_float(value: float) -> float | int | orjson.Fragment:
    # is_integer() is false for not-a-number and infinities.
    if value.is_integer():
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return int(value)
    elif value - value == 0.0:
        # From 0.001 up every version of orjson writes a fraction as RFC 8785 does; below, they differ.
        return value if abs(value) >= 0.001 else orjson.Fragment(_small_fraction(value))
    raise Malformed("json_number")


def _small_fraction(value: float) -> str:
    """
    A number nearer to 0 than 0.001, as ECMAScript writes it.

    Source: ECMA-262, Number::toString: digits after the point down to 0.000001, below that an exponent.
    """
    mantissa, _, exponent = repr(value).partition("e-")
    if not exponent:
        return mantissa
    if int(exponent) > 6:
        return f"{mantissa}e-{int(exponent)}"
    digits = mantissa.lstrip("-").replace(".", "")
    return f"{'-' if value < 0 else ''}0.{'0' * (int(exponent) - 1)}{digits}"

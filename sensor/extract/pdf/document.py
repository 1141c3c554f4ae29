"""
A PDF as a graph of objects: resolving, decrypting, decoding, with everything bounded and nothing trusted.

Source: ISO 32000-2 7.3.10 (indirect objects), 7.5.5 (trailer), 7.5.7 (object streams), 7.6 (encryption).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from sensor.extract.budget import Budget, Stop
from sensor.extract.pdf.crypt import Handler, open_handler
from sensor.extract.pdf.filters import decode_filters
from sensor.extract.pdf.objects import Name, Place, Ref, Scan, Stream, Value, body_of, parse, scan

__all__ = ["Document", "as_dict", "as_list"]

_CACHE = 20_000
_PACK_BYTES = 16 * 1024 * 1024
_PACKS_BYTES = 48 * 1024 * 1024
_PACKED = 100_000
_HEADS = 1024 * 1024
_CHAIN = 32
_NUMBER = re.compile(rb"\d{1,10}")
_SPARE = 16 * 1024 * 1024


def as_dict(value: Value) -> dict[str, Value]:
    """A dictionary, or a stream's; else an empty one."""
    return value.attributes if isinstance(value, Stream) else value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    """An array; else an empty one."""
    return value if isinstance(value, list) else []


class Document:
    """:raises Stop: ``damaged`` where no object is found, ``encrypted`` where a password is needed"""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self.data = data
        self.budget = budget
        self.scan: Scan = scan(data, budget)
        self.handler: Handler | None = None
        self._unpacked = _PACKED
        self._left = 8 * len(data) + _SPARE
        self._cache: dict[tuple[int, int], Value] = {}
        self._refused: set[int] = set()
        """Where objects begin that are too much of one: they are not read again."""
        self.root: dict[str, Value] = {}
        self.info: list[dict[str, Value]] = []
        self.encrypted_dictionary: int | None = None
        self._read_trailers()
        self._unpack()
        if not as_dict(self.resolve(self.root.get("Pages"))):
            self._find_root()

    # Trailers, encryption, object streams.

    def _read_trailers(self) -> None:
        encrypt: Value = None
        identity = b""
        roots: list[Value] = []
        infos: list[Value] = []
        for at in self.scan.tables:
            values, _, _ = self._parse(self.data, at)
            if not isinstance(values, dict):
                continue
            self.budget.tick(20)
            if "Root" in values:
                roots.append(values["Root"])
            if "Info" in values:
                infos.append(values["Info"])
            if "Encrypt" in values:
                encrypt = values["Encrypt"]
            ids = values.get("ID")
            if isinstance(ids, list) and ids and isinstance(ids[0], bytes):
                identity = identity or ids[0]
        if encrypt is not None:
            if isinstance(encrypt, Ref):
                self.encrypted_dictionary = encrypt.number
            self._cache.clear()
            handler = open_handler(as_dict(self._plain(encrypt)), identity)
            self._cache.clear()
            if handler is None:
                raise Stop("encrypted")
            self.handler = handler
        self._roots, self._infos = roots, infos

    def _plain(self, value: Value) -> Value:
        """The Encrypt dictionary and what it refers to, which are not encrypted."""
        resolved = self.resolve(value)
        if isinstance(resolved, dict):
            return {key: self.resolve(item) for key, item in resolved.items()}
        return resolved

    def _unpack(self) -> None:
        """Objects out of object streams. Each stream's objects count as of where it stands in the file."""
        kept = 0
        packed: list[Place] = []
        at: dict[int, int] = {}
        for place in self.scan.pack_places:
            self.budget.tick(50)
            pack = self.read(place)
            if not isinstance(pack, Stream) or pack.attributes.get("Type") != "ObjStm":
                continue
            body = self.decode(pack, _PACK_BYTES) or b""
            kept += len(body)
            if kept > _PACKS_BYTES or not self._unpacked:
                self.budget.problem("too_large")
                break
            at[len(self.scan.packs)] = place.start
            packed += self._packed(pack, body)
        for found in packed:
            current = self.scan.places.get(found.number)
            where = at[found.inside]
            if current is None or (at[current.inside] if current.inside >= 0 else current.start) <= where:
                self.scan.add(found)
            else:
                self.scan.older.append(found)
        for root in reversed(self._roots):
            values = as_dict(self.resolve(root))
            if values and not self.root:
                self.root = values
        seen: set[Ref] = set()
        for info in reversed(self._infos):
            if isinstance(info, Ref):
                if info in seen:
                    continue
                seen.add(info)
            self.info.append(as_dict(self.resolve(info)))

    def _packed(self, pack: Stream, body: bytes) -> Iterator[Place]:
        first, count = self.resolve(pack.attributes.get("First")), self.resolve(pack.attributes.get("N"))
        if not isinstance(first, int) or not isinstance(count, int) or not 0 <= first <= len(body):
            return
        most = 2 * min(max(count, 0), self._unpacked)
        numbers = [int(found[0]) for found in islice(_NUMBER.finditer(body, 0, min(first, _HEADS)), most)]
        self._unpacked -= len(numbers) // 2
        index = len(self.scan.packs)
        self.scan.packs.append(body)
        # Each start counts once, and ends at the next: objects that share their bytes would be a bomb.
        placed: dict[int, int] = {}
        for number, offset in zip(numbers[::2], numbers[1::2], strict=False):
            if first + offset < len(body):
                placed.setdefault(first + offset, number)
        starts = sorted(placed)
        for start, stop in zip(starts, [*starts[1:], len(body)], strict=True):
            self.budget.tick()
            yield Place(placed[start], 0, start, stop, index)

    def _find_root(self) -> None:
        """A catalogue by its type, where no trailer leads to one."""
        for place in list(self.scan.places.values()):
            if b"/Catalog" in self.slice(place)[:4096]:
                values = as_dict(self.read(place))
                if values.get("Type") == "Catalog":
                    self.root = values
                    if as_dict(self.resolve(values.get("Pages"))):
                        return

    # Objects.

    def slice(self, place: Place) -> bytes:
        """The bytes of an object as they stand (decoded, where it was packed)."""
        if place.inside >= 0:
            return self.scan.packs[place.inside][place.start : place.stop]
        return self.data[place.start : place.stop]

    def read(self, place: Place) -> Value:
        """The object that stands there."""
        if place.inside >= 0:
            value, end, _ = self._parse(self.slice(place), 0)
            self._spend(end)
            return value
        decrypt = None
        ref = Ref(place.number, place.generation)
        if self.handler is not None and place.number != self.encrypted_dictionary:
            decrypt = self.handler.string(ref)
        value, end, word = self._parse(self.data, place.start, decrypt, place.stop)
        self._spend(end - place.start)
        if word == "stream" and isinstance(value, dict):
            length = value.get("Length")
            if isinstance(length, Ref):
                length = self._length(length)
            body = body_of(self.data, end, length)
            self._spend(len(body) // 16)
            return Stream(value, body, ref)
        return value

    def _parse(
        self, data: bytes, at: int, decrypt: Callable[[bytes], bytes] | None = None, stop: int | None = None
    ) -> tuple[Value, int, str]:
        """An object; null, and a problem, where it is too much of one."""
        if data is self.data and at in self._refused:
            return None, at, ""
        try:
            return parse(data, at, decrypt, stop)
        except Stop as excess:
            self.budget.problem(excess.name)
            if data is self.data:
                self._refused.add(at)
            return None, at, ""

    def _spend(self, size: int) -> None:
        """Bytes that were read: objects that overlap are read again and again, and that has an end."""
        self._left -= size
        if self._left < 0:
            raise Stop("bomb")

    def _length(self, ref: Ref) -> Value:
        place = self.scan.places.get(ref.number)
        if place is None:
            return None
        value, _, _ = self._parse(self.slice(place)[:64], 0)
        return value

    def resolve(self, value: Value) -> Value:
        """What a reference stands for; anything else as it is."""
        for _ in range(_CHAIN):
            if not isinstance(value, Ref):
                return value
            place = self.scan.places.get(value.number)
            if place is None:
                return None
            key = (value.number, place.start)
            if key not in self._cache:
                self.budget.tick(5)
                if len(self._cache) > _CACHE:
                    self._cache.clear()
                self._cache[key] = self.read(place)
            value = self._cache[key]
        return None

    def get(self, values: dict[str, Value], key: str) -> Value:
        """An entry of a dictionary, resolved."""
        return self.resolve(values.get(key))

    def decode(self, stream: Stream, limit: int, *, told: bool = True) -> bytes | None:
        """
        A stream's bytes, at most ``limit``; None where a picture's filter stands in the way.

        ``told``: that there are more is noted.
        """
        raw = stream.raw
        values = stream.attributes
        filters = self._entries(values.get("Filter", values.get("F")))
        if self.handler is not None and values.get("Type") != "XRef" and filters[:1] != [Name("Crypt")]:
            raw = self.handler.stream(raw, stream.ref)
        parameters = self._entries(values.get("DecodeParms", values.get("DP")))
        return decode_filters(self.budget, raw, filters, parameters, limit, told=told)

    def _entries(self, value: Value) -> list[Value]:
        value = self.resolve(value)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        return [
            {k: self.resolve(v) for k, v in resolved.items()} if isinstance(resolved, dict) else resolved
            for resolved in map(self.resolve, items[:16])
        ]

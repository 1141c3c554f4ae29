"""
Checkpoints: the signed note that names a log, its size and its root hash.

::

    gnomon/5f3a90c1
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — gnomon/5f3a90c1 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+…

Who holds a checkpoint can hold the log to every record under it.

Source: https://c2sp.org/tlog-checkpoint
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from sensor.errors import Malformed
from sensor.tlog.note import Signer, Verifier, open_note, sign_note
from sensor.tlog.tree import HASH_BYTES

__all__ = ["Checkpoint", "format_checkpoint", "open_checkpoint", "parse_checkpoint", "sign_checkpoint"]

# "the ASCII decimal representation of the number of leaves in the tree, with no leading zeroes"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself."""

    origin: str
    """The log's name."""
    size: int
    """How many entries."""
    root: bytes
    """The root hash over them."""
    extensions: tuple[str, ...] = ()
    """Further lines, which mean nothing here."""


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that is signed."""
    root = base64.b64encode(checkpoint.root).decode()
    return "\n".join([checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions, ""])


def parse_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from a note's text. Raises ``Malformed``."""
    *lines, last = text.split("\n")
    if last or len(lines) < 3 or not all(lines):
        raise Malformed("checkpoint_form")
    origin, size, root64, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise Malformed("checkpoint_size")
    try:
        root = base64.b64decode(root64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("checkpoint_root") from error
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != root64:
        raise Malformed("checkpoint_root")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed note of a checkpoint."""
    return sign_note(format_checkpoint(checkpoint), signer)


def open_checkpoint(note: bytes, verifier: Verifier) -> Checkpoint:
    """
    The checkpoint in a note that this log signed.

    Raises ``Malformed``: as ``open_note`` does; ``checkpoint_origin`` where the key's name is not the log's
    ("The log's key name in its signature line SHOULD match the origin line": here it must).
    """
    checkpoint = parse_checkpoint(open_note(note, [verifier]).text)
    if checkpoint.origin != verifier.name:
        raise Malformed("checkpoint_origin")
    return checkpoint

"""Signed notes and checkpoints: the published ones, and every mangling of them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.errors import Malformed
from sensor.tlog.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from sensor.tlog.note import (
    MAX_NOTE_BYTES,
    make_signer,
    open_note,
    parse_signer,
    parse_verifier,
    sign_note,
)
from sensor.tlog.tree import EMPTY_ROOT

# Source: golang.org/x/mod, sumdb/note/note_test.go.
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH_VKEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJ"
    "nAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLo"
    "x33WWd1RvMc+QQ=\n"
)

# Source: C2SP signed-note, the example note and its verifier key.
C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwH"
    "jG1Yu72Iney"
    "aQM=\n"
)

# Source: C2SP tlog-checkpoint, the example (its key is not published).
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1"
    "gGzGku9nTo+z"
    "yWE+xeMcTOAYQ8=\n"
)

# Source: C2SP signed-note, an older example: a text with an empty line in it (its key is not published).
C2SP_POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0"
    "xMcXxj99ihA"
    "QwaqP3ZekRwNtIc=\n"
)


def test_keys_read_back():
    """Signer and verifier keys are the published text, and belong together."""
    signer = parse_signer(SKEY)
    assert signer.text() == SKEY
    assert signer.verifier.text() == VKEY
    assert parse_verifier(VKEY) == signer.verifier
    assert SKEY[30:] not in repr(signer)


@pytest.mark.parametrize(("parse", "text"), [(parse_verifier, VKEY), (parse_signer, SKEY)])
def test_every_mangling_of_a_key_is_refused(parse, text):
    """No piece of a key, and no key with one character raised by one, is a key (as x/mod tests it)."""
    manglings = {text[i:j] for i in range(len(text) + 1) for j in range(i + 1, len(text) + 1)} - {text}
    manglings |= {text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))}
    for mangled in manglings:
        with pytest.raises(Malformed):
            parse(mangled)


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # wrong length (x/mod)
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown algorithm (x/mod)
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter\ud800+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "",
    ],
)
def test_other_bad_verifier_keys(text):
    """Keys of another kind or a name that cannot stand in a note are refused."""
    with pytest.raises(Malformed):
        parse_verifier(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "\ud800"])
def test_names_that_cannot_be(name):
    """Source: signed-note: "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus"."""
    with pytest.raises(Malformed):
        make_signer(name, bytes(32))


def test_signing_gives_the_published_note():
    """Ed25519 is deterministic: the note is x/mod's, byte for byte."""
    assert sign_note(TEXT, parse_signer(SKEY)) == TEXT + "\n" + PETER_LINE


def test_published_notes_are_opened():
    """The published notes verify under their keys; signatures of keys nobody knows are kept apart."""
    peter, enoch = parse_verifier(VKEY), parse_verifier(ENOCH_VKEY)
    whole = (TEXT + "\n" + PETER_LINE + ENOCH_LINE).encode()
    note = open_note(whole, [peter])
    assert (note.text, [s.name for s in note.verified]) == (TEXT, ["PeterNeumann"])
    assert [s.name for s in note.unverified] == ["EnochRoot"]
    assert len(open_note(whole, [peter, enoch]).verified) == 2
    assert open_note(C2SP_NOTE.encode(), [parse_verifier(C2SP_VKEY)]).text == "This is an example message.\n"
    with pytest.raises(Malformed, match="note_unsigned"):
        open_note(whole, [])


def test_a_text_may_have_empty_lines():
    """The text ends at the last empty line. The poem's key is not published, so it stays unsigned to us."""
    with pytest.raises(Malformed, match="note_unsigned"):
        open_note(C2SP_POEM.encode(), [parse_verifier(VKEY)])
    signer = parse_signer(SKEY)
    for text in ("a\n\nb\n", "a\n\n", "\n"):
        assert open_note(sign_note(text, signer).encode(), [signer.verifier]).text == text


# Source: golang.org/x/mod, sumdb/note/note_test.go, TestOpen.
@pytest.mark.parametrize(
    ("note", "name"),
    [
        (TEXT, "note_form"),
        (TEXT + "\n", "note_form"),
        (TEXT + "\n" + PETER_LINE[:-1], "note_form"),
        ("\x01" + TEXT + "\n" + PETER_LINE, "note_control_character"),
        (b"\xff" + (TEXT + "\n" + PETER_LINE).encode(), "note_not_utf8"),
        (TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"), "note_base64"),
        (TEXT + "\n" + PETER_LINE + "Unexpected line.\n", "note_signature_line"),
        (TEXT + "\n" + PETER_LINE * 101, "note_too_many_signatures"),
        (TEXT + "\n" + PETER_LINE[:60] + "ABCD" + PETER_LINE[60:], "note_signature"),
        (TEXT.replace("If", "in") + "\n" + PETER_LINE, "note_signature"),
        (TEXT + "\n— a+b x08go/ZJ\n", "note_signature_line"),
        (TEXT + "\n— short x08goA==\n", "note_signature_line"),
        ("x" * MAX_NOTE_BYTES + "\n\n" + PETER_LINE, "note_too_long"),
        ("", "note_form"),
    ],
)  # fmt: skip
def test_bad_notes(note, name):
    """Each bad note is refused by name."""
    data = note if isinstance(note, bytes) else note.encode()
    with pytest.raises(Malformed) as caught:
        open_note(data, [parse_verifier(VKEY)])
    assert caught.value.name == name


def test_a_key_id_or_name_alone_is_not_the_key():
    """Source: signed-note: "Verifiers MUST ignore signatures from unknown keys, even if they share a name or
    ID (but not both) with a known key"."""
    peter = parse_verifier(VKEY)
    for line in (
        PETER_LINE.replace("PeterNeumann", "CarmenSandiego"),
        PETER_LINE.replace("x08g", "xxxx"),
    ):
        with pytest.raises(Malformed, match="note_unsigned"):
            open_note((TEXT + "\n" + line).encode(), [peter])


def test_base64_has_one_spelling():
    """A signature line with stray bits under the padding is refused, though the bytes are the same."""
    loose = PETER_LINE.replace("nAM=", "nAN=")
    encoded = loose.split()[-1]
    assert base64.b64decode(encoded) == base64.b64decode(PETER_LINE.split()[-1])
    with pytest.raises(Malformed, match="note_base64"):
        open_note((TEXT + "\n" + loose).encode(), [parse_verifier(VKEY)])


@pytest.mark.parametrize("text", ["no newline at the end", "a\tb\n", "\ud800\n"])
def test_texts_that_cannot_be_signed(text):
    """What would not open again is not signed."""
    with pytest.raises(Malformed):
        sign_note(text, parse_signer(SKEY))


def test_every_changed_byte_of_a_note_is_found():
    """A note with one byte changed does not open as it was."""
    signer = make_signer("gnomon/00c0ffee", bytes(range(32)))
    note = sign_checkpoint(Checkpoint("gnomon/00c0ffee", 7, EMPTY_ROOT), signer).encode()
    for at in range(len(note)):
        for change in (1, 0x20, 0x80):
            changed = note[:at] + bytes([note[at] ^ change]) + note[at + 1 :]
            with pytest.raises(Malformed):
                open_checkpoint(changed, signer.verifier)


@given(st.binary(max_size=300))
def test_any_bytes_are_malformed(data):
    """Nothing but a signed note is one."""
    with pytest.raises(Malformed):
        open_note(data, [parse_verifier(VKEY)])


# --- checkpoints ------------------------------------------------------------------------------------------


def test_the_published_checkpoint_is_read():
    """The specification's example, whose text reads and is written again the same."""
    text = C2SP_CHECKPOINT.rpartition("\n\n")[0] + "\n"
    checkpoint = parse_checkpoint(text)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert format_checkpoint(checkpoint) == text


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32), st.lists(st.just("more"), max_size=2))
def test_checkpoints_read_back(size, root, extensions):
    """Any checkpoint that is signed opens as the same value."""
    signer = make_signer("gnomon/00c0ffee", bytes(32))
    checkpoint = Checkpoint("gnomon/00c0ffee", size, root, tuple(extensions))
    assert open_checkpoint(sign_checkpoint(checkpoint, signer).encode(), signer.verifier) == checkpoint


ROOT64 = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"log\n1\n{ROOT64}", "checkpoint_form"),  # no newline at the end
        ("log\n1\n", "checkpoint_form"),
        (f"\n1\n{ROOT64}\n", "checkpoint_form"),
        (f"log\n1\n{ROOT64}\n\nmore\n", "checkpoint_form"),
        (f"log\n01\n{ROOT64}\n", "checkpoint_size"),
        (f"log\n-1\n{ROOT64}\n", "checkpoint_size"),
        (f"log\n1_0\n{ROOT64}\n", "checkpoint_size"),
        (f"log\n٣\n{ROOT64}\n", "checkpoint_size"),
        (f"log\n{10**19}\n{ROOT64}\n", "checkpoint_size"),
        ("log\n1\nAAAA\n", "checkpoint_root"),
        ("log\n1\nnot base64\n", "checkpoint_root"),
        (f"log\n1\n{ROOT64[:-2]}B=\n", "checkpoint_root"),  # stray bits
        ("", "checkpoint_form"),
    ],
)
def test_bad_checkpoints(text, name):
    """Each bad text is refused by name."""
    with pytest.raises(Malformed, match=name):
        parse_checkpoint(text)


def test_a_checkpoint_of_another_log_is_refused():
    """The key's name and the log's name must be one."""
    signer = make_signer("gnomon/00c0ffee", bytes(32))
    note = sign_checkpoint(Checkpoint("gnomon/other", 1, EMPTY_ROOT), signer)
    with pytest.raises(Malformed, match="checkpoint_origin"):
        open_checkpoint(note.encode(), signer.verifier)

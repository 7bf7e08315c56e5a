"""C2SP signed notes: published ones are read, and every other form of a note is refused."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.tlog.notes import Note, NoteSignature, VerifierKey, format_note, key_id, parse_note, read_base64
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.keys import ed25519_key, verify_signature
from hanse_ledger.values.limits import CHECKPOINT_BYTES, NOTE_SIGNATURES

LINE = "— example.com/log AQIDBAUG\n"
NOTE = f"text\n\n{LINE}"
KEY = VerifierKey(name="example.com/log", type=0x01, raw=bytes(32))


def published(shared: Path) -> Any:
    """Read the published notes and keys."""
    return json.loads((shared / "vectors" / "signed-note" / "notes.json").read_text("utf-8"))


def verified(note: Note, keys: list[VerifierKey]) -> int:
    """Verify the signatures by known keys, and count them."""
    known = {(key.name, key.key_id): key for key in keys}
    lines = [line for line in note.signatures if (line.name, line.key_id) in known]
    for line in lines:
        verify_signature(ed25519_key(known[line.name, line.key_id].raw), note.text.encode(), line.signature)
    return len(lines)


def test_published_note_verifies(shared: Path) -> None:
    """The example of the specification is read, verified and written as it was."""
    case = published(shared)["c2sp_example"]
    note = parse_note(case["note"].encode())
    key = VerifierKey.parse(case["vkey"])
    assert note.text == "This is an example message.\n"
    assert verified(note, [key]) == 1
    assert format_note(note) == case["note"].encode()
    assert str(key) == case["vkey"]


def test_published_notes_are_judged_as_they_say(shared: Path) -> None:
    """Each note of golang.org/x/mod opens, or fails for the reason that it names."""
    cases = published(shared)["x_mod_note"]
    keys = {name: VerifierKey.parse(text) for name, text in cases["vkeys"].items()}
    for case in cases["open"]:
        data, known = base64.b64decode(case["note_b64"]), [keys[name] for name in case["known"]]
        error = case.get("error", "")
        if error.startswith("malformed"):
            with pytest.raises(Malformed):
                parse_note(data)
        elif error == "invalid signature":
            with pytest.raises(ProofInvalid):
                verified(parse_note(data), known)
        else:
            note = parse_note(data)
            assert verified(note, known) == case.get("verified", 0)
            assert len(note.signatures) - verified(note, known) == case.get("unverified", 2)
            assert note.text == cases["text"]


def test_published_bad_keys_are_refused(shared: Path) -> None:
    """A key with bytes behind it, and one of an unknown type, are none."""
    for text in published(shared)["x_mod_note"]["bad_vkeys"]:
        with pytest.raises(Malformed):
            VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["lite", "omni-ed25519", "omni-mldsa44"])
def test_witness_keys_are_read(shared: Path, name: str) -> None:
    """Cosigners' keys of both types are read and written as they were."""
    file = shared / "vectors" / "crosschecked" / "witnessed" / f"{name}.vkey"
    if name == "lite":
        text = (file.parent / "policy.txt").read_text().split("witness lite ")[1].split("\n")[0]
    else:
        text = file.read_text().strip()
    key = VerifierKey.parse(text)
    assert key.type == (0x06 if name.endswith("44") else 0x04)
    assert str(key) == text


def test_key_id_depends_on_name_type_and_key() -> None:
    """The id of a key is not that of the key under another name, type or value."""
    ids = {key_id("a", 1, bytes(32)), key_id("b", 1, bytes(32)), key_id("a", 4, bytes(32)), key_id("a", 1, bytes(31))}
    assert {len(value) for value in ids} == {4}
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("example.com/log+", "example.com/log"),
        ("example.com/log+", "+"),
        ("example.com/log+", "example com/log+"),
        ("example.com/log+", "example\x00com/log+"),
        ("example.com/log+", "example.org/log+"),
        (KEY.key_id.hex(), KEY.key_id.hex().upper()),
        (KEY.key_id.hex(), "0" + KEY.key_id.hex()),
        ("+AQAA", "+AgAA"),
        ("+AQAA", "+BAAA"),
        ("+AQAA", "+AQAAAAAA"),
        ("AA", "A\n"),
        ("+AQAA", "+" + "A" * CHECKPOINT_BYTES),
    ],
)
def test_other_forms_of_a_key_are_refused(old: str, new: str) -> None:
    """A key's text has one form, and its id is its own."""
    assert VerifierKey.parse(str(KEY)) == KEY
    changed = str(KEY).replace(old, new, 1)
    assert changed != str(KEY)
    with pytest.raises(Malformed):
        VerifierKey.parse(changed)


def test_a_text_may_hold_blank_lines() -> None:
    """The last blank line parts the text from the signatures."""
    note = parse_note(f"a\n\nb\n\n\n{LINE}".encode())
    assert note == Note("a\n\nb\n\n", (NoteSignature("example.com/log", b"\x01\x02\x03\x04", b"\x05\x06"),))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (NOTE.encode() + b"\xff", "UTF-8"),
        (NOTE.replace("text", "te\rxt").encode(), "control"),
        (NOTE.replace("text", "te\txt").encode(), "control"),
        (NOTE.replace("text", "te\0xt").encode(), "control"),
        (f"text\n{LINE}".encode(), "blank line"),
        (NOTE[:-1].encode(), "newline"),
        (b"text\n\n", "newline"),
        (f"{NOTE}\n".encode(), "newline"),
        (f"text\n\n\n{LINE}stray\n".encode(), "form"),
        (NOTE.replace("— ", "- ").encode(), "form"),
        (NOTE.replace("— ", "—  ").encode(), "form"),
        (NOTE.replace("AQIDBAUG", "AQIDBAUG ").encode(), "form"),
        (NOTE.replace("example.com/log", "example.com+log").encode(), "key name"),
        (NOTE.replace("example.com/log", "example\u2003com").encode(), "key name"),
        (NOTE.replace("example.com/log ", " ").encode(), "key name"),
        (NOTE.replace("AQIDBAUG", "AQIDBA==").encode(), "key id"),
        (NOTE.replace("AQIDBAUG", "AQIDBAV=").encode(), "only form"),
        (NOTE.replace("AQIDBAUG", "AQIDBAU").encode(), "base64"),
        (NOTE.replace("AQIDBAUG", "AQID-_UG").encode(), "base64"),
        (NOTE.replace("AQIDBAUG", "AQIDBAÜG").encode(), "base64"),
        (f"{NOTE}{LINE}".encode(), "two signatures by one key"),
        (f"{NOTE}{LINE.replace('AUG', 'AUH')}".encode(), "two signatures by one key"),
        (f"text\n\n{''.join(LINE.replace('log', f'log{n}') for n in range(NOTE_SIGNATURES + 1))}".encode(), "at most"),
        (f"{'text' * CHECKPOINT_BYTES}\n\n{LINE}".encode(), "at most"),
    ],
)
def test_other_forms_of_a_note_are_refused(data: bytes, detail: str) -> None:
    """A note has one form, and bounds."""
    with pytest.raises(Malformed, match=detail):
        parse_note(data)


def test_as_many_signatures_as_allowed_are_read() -> None:
    """The bound on signatures is itself allowed, and one name may have several keys."""
    lines = "".join(LINE.replace("log", f"log{number}") for number in range(NOTE_SIGNATURES - 1))
    note = parse_note(f"text\n\n{lines}{LINE.replace('log', 'log0').replace('AQID', 'BQID')}".encode())
    assert len(note.signatures) == NOTE_SIGNATURES


@pytest.mark.parametrize("note", [Note("text", (NoteSignature("a", bytes(4), b"x"),)), Note("text\n", ())])
def test_what_is_no_note_is_not_written(note: Note) -> None:
    """A text without its newline, or without a signature, is our bug."""
    with pytest.raises(AssertionError):
        format_note(note)


@pytest.mark.parametrize("text", ["A", "AA", "AA=", "AB==", "AA==\n", " AA==", "AA==AA==", "====", "A===", "AAA*"])
def test_base64_has_one_form(text: str) -> None:
    """White space, stray trailing bits, and missing or misplaced padding are refused."""
    assert read_base64("AA==", "it") == b"\0"
    assert read_base64("", "it") == b""
    with pytest.raises(Malformed, match="it: "):
        read_base64(text, "it")

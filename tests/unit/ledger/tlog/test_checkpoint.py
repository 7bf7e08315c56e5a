"""Checkpoints and cosignatures: those of other implementations verify, and what nobody signed does not."""

import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from hanse_ledger.tlog.checkpoint import (
    Checkpoint,
    body_text,
    cosignature_line,
    cosignature_message,
    log_line,
    parse_checkpoint,
    read_decimal,
    verify_cosignature,
    verify_log_signature,
)
from hanse_ledger.tlog.notes import Note, VerifierKey, format_note, parse_note
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.limits import LOG_SIZE

SIGNER = SigningKey(bytes(range(32)))
LOG = VerifierKey(name="example.com/log", type=0x01, raw=bytes(SIGNER.verify_key))
WITNESS = VerifierKey(name="example.com/witness", type=0x04, raw=bytes(SIGNER.verify_key))
HEAD = Checkpoint("example.com/log", 7, bytes(range(32)))
BODY = body_text(HEAD)
LOG_LINE = log_line(LOG, SIGNER.sign(BODY.encode()).signature)
WITNESS_LINE = cosignature_line(WITNESS, 1_700_000_000, SIGNER.sign(cosignature_message(1_700_000_000, BODY)).signature)
NOTE = Note(BODY, (LOG_LINE, WITNESS_LINE))


def key(file: Path) -> VerifierKey:
    """Read a key from its file."""
    return VerifierKey.parse(file.read_text("utf-8").strip())


def test_logs_of_others_verify(shared: Path) -> None:
    """Every checkpoint of the published logs is signed by its log, and is written as it was."""
    vectors = shared / "vectors"
    for folder, file in [
        ("tlog-tiles/log", "tlog-tiles/log.vkey"),
        ("crosschecked/log10", "crosschecked/log.vkey"),
        ("crosschecked/log10pq", "crosschecked/log.vkey"),
        ("crosschecked/log600", "crosschecked/log.vkey"),
    ]:
        for path in (vectors / folder).glob("checkpoint*"):
            note = parse_note(path.read_bytes())
            verify_log_signature(note, key(vectors / file))
            assert body_text(parse_checkpoint(note.text)) == note.text
            assert format_note(note) == path.read_bytes()


def test_extension_lines_are_refused(shared: Path) -> None:
    """A signed checkpoint with extension lines, good elsewhere, is none of ours."""
    folder = shared / "vectors" / "crosschecked"
    note = parse_note((folder / "log10ext" / "checkpoint").read_bytes())
    with pytest.raises(Malformed, match="three lines"):
        parse_checkpoint(note.text)
    with pytest.raises(ProofInvalid, match="three lines"):
        verify_log_signature(note, key(folder / "log.vkey"))


def test_witnesses_of_others_verify(shared: Path) -> None:
    """Cosignatures by litewitness and omniwitness verify beside the log's and post-quantum ones."""
    folder = shared / "vectors" / "crosschecked" / "witnessed"
    note = parse_note((folder / "checkpoint.600.cosigned").read_bytes())
    words = (folder / "policy.txt").read_text("utf-8").split()
    log, lite, omni = (VerifierKey.parse(words[words.index(name) + 1]) for name in ("log", "lite", "omni"))
    verify_log_signature(note, log)
    assert 1_700_000_000 < verify_cosignature(note, lite) < 1_900_000_000
    assert verify_cosignature(note, omni) > verify_cosignature(note, lite)
    assert key(folder / "omni-ed25519.vkey") == omni
    with pytest.raises(ProofInvalid, match="type"):
        verify_cosignature(note, key(folder / "omni-mldsa44.vkey"))


def test_requests_to_a_witness_are_judged_as_they_say(shared: Path) -> None:
    """Of the checkpoints in the published witness dialogue, those refused for their signature fail, others verify."""
    dialogue = json.loads((shared / "vectors" / "tlog-witness" / "add-checkpoint.json").read_text("utf-8"))
    raw = bytes.fromhex(dialogue["log_pubkey_hex"])
    verified = 0
    for case in dialogue["cases"]:
        data = case["request"].partition("\n\n")[2].encode()
        origin = data.split(b"\n")[0].decode()
        if case["status"] in (200, 409, 422):
            verify_log_signature(parse_note(data), VerifierKey(origin, 0x01, raw))
            verified += 1
        elif case["status"] == 403:
            with pytest.raises((Malformed, ProofInvalid)):
                verify_log_signature(parse_note(data), VerifierKey(origin, 0x01, raw))
    assert verified > 3


def test_what_is_signed_here_verifies() -> None:
    """A log's line and a cosigner's, made from their messages, verify, in a note and after reading it."""
    assert BODY == "example.com/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert cosignature_message(12, BODY) == f"cosignature/v1\ntime 12\n{BODY}".encode()
    for note in (NOTE, parse_note(format_note(NOTE))):
        verify_log_signature(note, LOG)
        assert verify_cosignature(note, WITNESS) == 1_700_000_000


OTHER = body_text(Checkpoint("example.com/log", 8, bytes(32)))
FOREIGN = body_text(Checkpoint("example.com/other", 7, bytes(32)))


@pytest.mark.parametrize(
    ("note", "key", "detail"),
    [
        (NOTE, WITNESS, "type"),
        (Note("no checkpoint\n", (LOG_LINE,)), LOG, "three lines"),
        (Note(FOREIGN, (LOG_LINE,)), LOG, "not one of the log"),
        (Note(BODY, (WITNESS_LINE,)), LOG, "0 signatures"),
        (Note(BODY, (LOG_LINE, LOG_LINE)), LOG, "2 signatures"),
        (Note(OTHER, (LOG_LINE,)), LOG, "does not match"),
        (Note(BODY, (log_line(LOG, bytes(64)),)), LOG, "does not match"),
    ],
)
def test_a_log_signature_is_refused(note: Note, key: VerifierKey, detail: str) -> None:
    """Each way in which a log's signature can fail is named."""
    with pytest.raises(ProofInvalid, match=detail):
        verify_log_signature(note, key)


def late(line_time: int) -> Note:
    """Give a checkpoint whose cosigner signed one time and states another."""
    return Note(BODY, (cosignature_line(WITNESS, line_time, WITNESS_LINE.signature[8:]),))


@pytest.mark.parametrize(
    ("note", "key", "detail"),
    [
        (NOTE, LOG, "type"),
        (Note("no checkpoint\n", (WITNESS_LINE,)), WITNESS, "three lines"),
        (Note(BODY, (LOG_LINE,)), WITNESS, "0 signatures"),
        (Note(BODY, (WITNESS_LINE, WITNESS_LINE)), WITNESS, "2 signatures"),
        (Note(BODY, (type(LOG_LINE)(WITNESS.name, WITNESS.key_id, bytes(71)),)), WITNESS, "72 bytes"),
        (late(2**63), WITNESS, "no possible time"),
        (late(253_402_300_800), WITNESS, "no possible time"),
        (late(1_700_000_001), WITNESS, "does not match"),
        (Note(OTHER, (WITNESS_LINE,)), WITNESS, "does not match"),
    ],
)
def test_a_cosignature_is_refused(note: Note, key: VerifierKey, detail: str) -> None:
    """Each way in which a cosignature can fail is named; its time is signed too."""
    with pytest.raises(ProofInvalid, match=detail):
        verify_cosignature(note, key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("example.com/log", ""),
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\n+7\n"),
        ("\n7\n", "\n-7\n"),
        ("\n7\n", "\n7 \n"),
        ("\n7\n", "\n\n"),
        ("\n7\n", "\n\u0667\n"),
        ("\n7\n", "\n9223372036854775808\n"),
        ("\n7\n", "\n7\n\n"),
        ("AAEC", "AAEC\n"),
        ("AAEC", ""),
        ("h8=\n", "h9=\n"),
        ("h8=\n", "h8=\nextension\n"),
        ("h8=\n", "h8="),
    ],
)
def test_other_forms_of_a_checkpoint_are_refused(old: str, new: str) -> None:
    """A checkpoint's text has one form."""
    assert parse_checkpoint(BODY) == HEAD
    with pytest.raises(Malformed):
        parse_checkpoint(BODY.replace(old, new, 1))


def test_sizes_within_bounds_are_read() -> None:
    """An empty log has size 0; the largest has 2**63 - 1."""
    assert [read_decimal(text, "it") for text in ("0", "10", str(LOG_SIZE))] == [0, 10, LOG_SIZE]

"""C2SP tlog-proof and tlog-policy: those that other implementations verified are read and written as they were."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hanse_ledger.tlog.checkpoint import (
    Checkpoint,
    body_text,
    parse_checkpoint,
    verify_cosignature,
    verify_log_signature,
)
from hanse_ledger.tlog.notes import Note, NoteSignature, VerifierKey
from hanse_ledger.tlog.tlog_proof import TlogProof, WitnessGroup, format_tlog_proof, parse_tlog_proof, tlog_policy
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.limits import TLOG_PROOF_BYTES

CHECKPOINT = Note(
    body_text(Checkpoint("example.com/log", 7, bytes(32))), (NoteSignature("example.com/log", bytes(4), b"x"),)
)
PROOF = TlogProof(2, (bytes(32), bytes([1]) * 32), CHECKPOINT, b"extra data")
LOG = VerifierKey("example.com/log", 0x01, bytes(32))
ONE, TWO, THREE = (VerifierKey(f"example.com/{n}", 0x04, bytes([n]) * 32) for n in (1, 2, 3))
POST_QUANTUM = VerifierKey("example.com/pq", 0x06, bytes(1312))


@pytest.mark.parametrize("name", ["p0", "p7", "p7pq", "p9", "p555", "witnessed/p42"])
def test_proofs_of_others_verify(shared: Path, name: str) -> None:
    """A proof made and verified elsewhere leads from its entry to its log's checkpoint."""
    folder = shared / "vectors" / "crosschecked"
    data = (folder / f"{name}.tlog-proof").read_bytes()
    entry = (folder / f"{name.replace('pq', '')}.entry").read_bytes()
    proof = parse_tlog_proof(data)
    head = parse_checkpoint(proof.checkpoint.text)
    verify_log_signature(proof.checkpoint, VerifierKey.parse((folder / "log.vkey").read_text("utf-8").strip()))
    verify_inclusion(hash_leaf(entry), proof.index, head.size, proof.path, head.root)
    assert format_tlog_proof(proof) == data


def test_policy_of_others_is_written(shared: Path) -> None:
    """From its parts the policy that other tools read comes out byte for byte, and its proof satisfies it."""
    folder = shared / "vectors" / "crosschecked" / "witnessed"
    text = (folder / "policy.txt").read_text("utf-8")
    words = text.split()
    log, lite, omni = (VerifierKey.parse(words[words.index(name) + 1]) for name in ("log", "lite", "omni"))
    assert tlog_policy([log], {"lite": lite, "omni": omni}, [WitnessGroup("q", "all", ("lite", "omni"))], "q") == text
    note = parse_tlog_proof((folder / "p42.tlog-proof").read_bytes()).checkpoint
    assert min(verify_cosignature(note, lite), verify_cosignature(note, omni)) > 0


def test_a_proof_is_written_line_by_line() -> None:
    """Header, extra data, index, path, a blank line, checkpoint."""
    lines = format_tlog_proof(PROOF).decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra ZXh0cmEgZGF0YQ==", "index 2"]
    assert [len(line) for line in lines[3:6]] == [44, 44, 0]
    assert lines[6:8] == ["example.com/log", "7"]
    assert parse_tlog_proof(format_tlog_proof(PROOF)) == PROOF


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda text: text.replace("@v1", "@v2"), "it is the line"),
        (lambda text: "\n" + text, "it is the line"),
        (lambda text: text.replace("\n\n", "\n"), "ASCII"),
        (lambda text: text[: text.index("\n\n")], "it is the line"),
        (lambda text: text.replace("index", "Ïndex"), "ASCII"),
        (lambda text: text.replace("ZXh0cmEgZGF0YQ==", ""), "no such line"),
        (lambda text: text.replace("ZXh0cmEgZGF0YQ==", "ZXh0cmEgZGF0YR=="), "only form"),
        (lambda text: text.replace("extra ", "extra  "), "base64"),
        (lambda text: text.replace("extra ZXh0cmEgZGF0YQ==\nindex 2\n", ""), "index is missing"),
        (lambda text: text.replace("index 2\n", "index 2\nextra ZXh0cmEgZGF0YQ==\n"), "base64"),
        (lambda text: text.replace("index 2", "index 02"), "leading zeros"),
        (lambda text: text.replace("index 2", "index -2"), "leading zeros"),
        (lambda text: text.replace("index 2", "index 7"), "past the end"),
        (lambda text: text.replace("index 2\n", "index 2\nAAAA\n"), "32 bytes"),
        (lambda text: text.replace("index 2\n", "index 2\n" + ("A" * 43 + "=\n") * 62), "more than 63"),
        (lambda text: text.replace("index 2\n", "index 2\n\n"), "three lines"),
        (lambda text: text[:-1], "newline"),
        (lambda text: text + "A" * TLOG_PROOF_BYTES, "at most"),
    ],
)
def test_other_forms_of_a_proof_are_refused(change: Callable[[str], str], detail: str) -> None:
    """A proof has one form, and bounds."""
    text = format_tlog_proof(PROOF).decode()
    assert change(text) != text
    with pytest.raises(Malformed, match=detail):
        parse_tlog_proof(change(text).encode())


def test_a_policy_of_nested_groups() -> None:
    """The cosigners' quorum and the witnesses' are groups of a group; the order of definition is kept."""
    text = tlog_policy(
        [LOG],
        {"one": ONE, "two": TWO, "three": THREE, "pq": POST_QUANTUM},
        [
            WitnessGroup("cosigners", 2, ("one", "two", "pq")),
            WitnessGroup("witnesses", "any", ("three",)),
            WitnessGroup("both", "all", ("cosigners", "witnesses")),
        ],
        "both",
    )
    assert text.split("\n")[:3] == [f"log {LOG}", f"witness one {ONE}", f"witness two {TWO}"]
    assert text.endswith(
        "group cosigners 2 one two pq\ngroup witnesses any three\ngroup both all cosigners witnesses\nquorum both\n"
    )


def test_a_policy_without_witnesses() -> None:
    """A quorum of nobody asks for the log's signature alone."""
    assert tlog_policy([LOG], {}, [], "none") == f"log {LOG}\nquorum none\n"


@pytest.mark.parametrize(
    ("logs", "witnesses", "groups", "quorum", "detail"),
    [
        ([ONE], {}, [], "none", "a log signs"),
        ([LOG], {"one": LOG}, [], "one", "a witness signs"),
        ([LOG, LOG], {}, [], "none", "one public key"),
        ([LOG], {"one": ONE, "two": ONE}, [], "one", "one public key"),
        ([VerifierKey("a\nb", 0x01, bytes(32))], {}, [], "none", "key name"),
        ([LOG], {"none": ONE}, [], "none", "is not a name"),
        ([LOG], {"o ne": ONE}, [], "none", "is not a name"),
        ([LOG], {"o\nne": ONE}, [], "none", "is not a name"),
        ([LOG], {"": ONE}, [], "none", "is not a name"),
        ([LOG], {"one": ONE}, [WitnessGroup("one", 1, ("one",))], "one", "defined twice"),
        ([LOG], {"one": ONE}, [WitnessGroup("g", "all", ())], "g", "unknown or stands in two"),
        ([LOG], {"one": ONE}, [WitnessGroup("g", 1, ("one", "one"))], "g", "unknown or stands in two"),
        ([LOG], {"one": ONE}, [WitnessGroup("g", 1, ("two",))], "g", "unknown or stands in two"),
        ([LOG], {"one": ONE}, [WitnessGroup("g", 1, ("g",))], "g", "unknown or stands in two"),
        (
            [LOG],
            {"one": ONE},
            [WitnessGroup("g", 1, ("one",)), WitnessGroup("h", 1, ("one",))],
            "h",
            "unknown or stands in two",
        ),
        ([LOG], {"one": ONE}, [WitnessGroup("g", 2, ("one",))], "g", "no threshold"),
        ([LOG], {"one": ONE}, [WitnessGroup("g", 0, ("one",))], "g", "no threshold"),
        ([LOG], {"one": ONE}, [], "two", "is not defined"),
    ],
)
def test_a_policy_that_means_nothing_is_refused(
    logs: list[VerifierKey], witnesses: dict[str, VerifierKey], groups: list[WitnessGroup], quorum: str, detail: str
) -> None:
    """Names are defined once and before they are used, and every threshold can be met."""
    with pytest.raises(Malformed, match=detail):
        tlog_policy(logs, witnesses, groups, quorum)

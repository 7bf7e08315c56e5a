"""C2SP tlog-proof and tlog-policy: one entry's proof, and whom to trust about it, for tools that nobody here wrote."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from hanse_ledger.tlog.checkpoint import parse_checkpoint, read_decimal
from hanse_ledger.tlog.notes import (
    ED25519_COSIGNATURE,
    Note,
    VerifierKey,
    format_note,
    parse_note,
    read_base64,
    write_base64,
)
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.keys import ED25519, ML_DSA_44
from hanse_ledger.values.types import Digest

HEADER = "c2sp.org/tlog-proof@v1"


class TlogProof(Struct, frozen=True):
    """The place of an entry in a log. Nothing in it is verified yet.

    `index` is the entry's position, `path` the hashes from its leaf to the root, `checkpoint` the log's signed
    head, and `extra` what an application adds (never authenticated; nothing when empty).
    """

    index: int
    path: tuple[Digest, ...]
    checkpoint: Note
    extra: bytes = b""


class WitnessGroup(Struct, frozen=True):
    """A named group that has witnessed a checkpoint when `threshold` of its members have."""

    name: str
    threshold: int | Literal["all", "any"]
    members: tuple[str, ...]


def format_tlog_proof(proof: TlogProof) -> bytes:
    """Write a proof."""
    assert 0 <= proof.index <= limits.LOG_SIZE
    lines = [HEADER]
    if proof.extra:
        lines.append(f"extra {write_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines.extend(write_base64(value) for value in proof.path)
    return "\n".join([*lines, "", ""]).encode() + format_note(proof.checkpoint)


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Read a proof.

    Raises:
        Malformed: too large, a line of another form than C2SP tlog-proof says, or its checkpoint is malformed
            or too small to hold the entry.
    """
    if len(data) > limits.TLOG_PROOF_BYTES:
        raise Malformed(f"tlog-proof: {len(data)} bytes; at most {limits.TLOG_PROOF_BYTES} are allowed")
    head, blank, tail = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("tlog-proof: a line before the checkpoint is not ASCII") from error
    if not blank or lines[0] != HEADER:
        raise Malformed(f"tlog-proof: it is the line {HEADER}, a proof, a blank line and a checkpoint")
    extra = b""
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = read_base64(lines.pop(1).removeprefix("extra "), "tlog-proof extra")
        if not extra:
            raise Malformed("tlog-proof: without extra data there is no such line")
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise Malformed("tlog-proof: the line with the index is missing")
    index = read_decimal(lines[1].removeprefix("index "), "tlog-proof index")
    if len(lines) - 2 > limits.PATH_HASHES:
        raise Malformed(f"tlog-proof: the path has more than {limits.PATH_HASHES} hashes")
    path = tuple(read_base64(line, "tlog-proof hash") for line in lines[2:])
    if any(len(value) != 32 for value in path):
        raise Malformed("tlog-proof: a hash has 32 bytes")
    note = parse_note(tail)
    if index >= parse_checkpoint(note.text).size:
        raise Malformed("tlog-proof: the entry lies past the end of the log")
    return TlogProof(index, path, note, extra)


def tlog_policy(
    logs: Sequence[VerifierKey], witnesses: Mapping[str, VerifierKey], groups: Sequence[WitnessGroup], quorum: str
) -> str:
    """Write whom to trust, in the syntax of C2SP tlog-policy.

    Args:
        logs: keys whose names are the logs' origins.
        witnesses: cosigners' keys by the names that groups use.
        groups: each names witnesses and groups before it; nothing is named in two.
        quorum: the witness or group whose cosignatures a checkpoint needs, or `none`.

    Raises:
        Malformed: a name is repeated, unknown or not a word; a key is repeated or of the wrong type; a
            threshold cannot be met.
    """
    if any(key.type not in (ED25519, ML_DSA_44) for key in logs):
        raise Malformed("tlog-policy: a log signs with a key of type 0x01 or 0x06")
    if any(key.type not in (ED25519_COSIGNATURE, ML_DSA_44) for key in witnesses.values()):
        raise Malformed("tlog-policy: a witness signs with a key of type 0x04 or 0x06")
    if len({key.raw for key in logs}) != len(logs) or len({key.raw for key in witnesses.values()}) != len(witnesses):
        raise Malformed("tlog-policy: one public key stands for two logs or two witnesses")
    for key in (*logs, *witnesses.values()):
        VerifierKey.parse(str(key))  # no name may break the line that it stands in
    lines = [f"log {key}" for key in logs]
    known: set[str] = set()
    for name, key in witnesses.items():
        _define(name, known)
        lines.append(f"witness {name} {key}")
    free = set(known)
    for group in groups:
        _check_group(group, free)
        _define(group.name, known)
        free = free - set(group.members) | {group.name}
        lines.append(f"group {group.name} {group.threshold} {' '.join(group.members)}")
    if quorum != "none" and quorum not in known:
        raise Malformed(f"tlog-policy: the quorum {quorum!r} is not defined")
    return "\n".join([*lines, f"quorum {quorum}", ""])


def _define(name: str, known: set[str]) -> None:
    """Take a new name of a witness or a group."""
    if not name or name == "none" or not name.isascii() or not name.isprintable() or set(name) & set(" #+"):
        raise Malformed(f"tlog-policy: {name[: limits.TEXT]!r} is not a name")
    if name in known:
        raise Malformed(f"tlog-policy: {name[: limits.TEXT]!r} is defined twice")
    known.add(name)


def _check_group(group: WitnessGroup, free: set[str]) -> None:
    """Refuse a group that nothing can satisfy, and members that are unknown or stand in a group already."""
    count = len(group.members)
    if count == 0 or len(set(group.members)) != count or not free.issuperset(group.members):
        raise Malformed(f"tlog-policy: a member of {group.name[: limits.TEXT]!r} is unknown or stands in two places")
    if isinstance(group.threshold, int) and not 1 <= group.threshold <= count:
        raise Malformed(f"tlog-policy: {group.threshold} of {count} members is no threshold")

"""What is asked of the translation, as JSON, and what Python answers to the same."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_leaves
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.envelope import Signed
from hanse_ledger.trees.merkle import inclusion_path
from hanse_ledger.values.errors import LedgerError, Rejected
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import Membership

Asked = dict[str, Any]
MOST = 2**53
"""Beyond it, a number is not a number of JavaScript."""


def text(data: bytes) -> str:
    """Write bytes as they are asked with."""
    return base64.b64encode(data).decode()


def flat(value: Any) -> Any:  # noqa: PLR0911 (each sort of value has its form)
    """Write a value of the verifier as `runtime/verifier.js` does: bytes in hexadecimal, fields by their names."""
    match value:
        case None | bool():
            return value
        case int():
            return value if -MOST <= value <= MOST else str(value)
        case str():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): flat(item) for key, item in value.items()}
        case Struct():
            return {name: flat(getattr(value, name)) for name in value.__struct_fields__}
        case tuple() if hasattr(value, "_fields"):
            return {name: flat(getattr(value, name)) for name in value._fields}
        case _:
            return [flat(item) for item in value]


def report_asked(data: bytes, trust: bytes | None, at: int, known: int | None = None, most: int | None = None) -> Asked:
    """Ask for the report on a proof file.

    Args:
        data: the file.
        trust: the trust file; without one only the form is looked at.
        at: the verifier's present.
        known: the number of the heads that several calls have in common.
        most: how old the proof may be, in milliseconds.
    """
    trusted = None if trust is None else text(trust)
    return {"ask": "report", "data": text(data), "trust": trusted, "at": at, "known": known, "most": most}


def trust_answer(read: Callable[[], TrustFile]) -> Any:
    """Give what is in a trust file, or how it is refused."""
    try:
        trust = read()
    except LedgerError as error:
        return _refused(error, pointer=getattr(error, "pointer", None), code=getattr(error, "code", None))
    return {name: flat(getattr(trust, name)) for name in ("ledger", "changes", "membership", "position")}


def _refused(error: LedgerError, **more: str | None) -> Any:
    return {"refused": type(error).__name__, "said": flat(error.said), **more}


class Watched:
    """A state that notes what a rule asks of it. A StateView."""

    def __init__(self, base: StateView) -> None:
        self._base = base
        self._objects: dict[ObjectId, Object | None] = {}
        self._claims: dict[Digest, bytes | None] = {}
        self._membership: Membership | None = None
        self._proposals: OpenProposals | None = None

    @property
    def membership(self) -> Membership:
        """The members in force."""
        self._membership = self._base.membership
        return self._membership

    @property
    def proposals(self) -> OpenProposals:
        """The changes of the members that are open."""
        self._proposals = self._base.proposals
        return self._proposals

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        return self._objects.setdefault(object_id, self._base.object(object_id))

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim by its name."""
        return self._claims.setdefault(key, self._base.claim(key))

    def asked(self, signed: Signed, ledger: Digest, at: int) -> Asked:
        """Ask for the same transition on as much of the state as was asked for."""
        opened = self._proposals
        return {
            "ask": "transition",
            "kind": signed.record.kind,
            "envelope": text(encode(signed.envelope)),
            "ledger": text(ledger),
            "at": at,
            "objects": [_object(name, value) for name, value in self._objects.items()],
            "claims": [[text(key), None if value is None else text(value)] for key, value in self._claims.items()],
            "membership": None if self._membership is None else text(encode(self._membership)),
            "proposals": None
            if opened is None
            else {
                "whole": [text(encode(each)) for each in opened.whole],
                "leaves": [text(encode(each)) for each in opened.leaves],
            },
        }


def _object(name: ObjectId, value: Object | None) -> Asked:
    if value is None:
        return {"id": text(name), "seed": "", "parts": None}
    leaves = object_leaves(value)
    hashes = [hash_leaf(leaf) for leaf in leaves]
    parts = [
        {"index": index, "leaf": text(leaf), "path": [text(step) for step in inclusion_path(hashes, index)]}
        for index, leaf in enumerate(leaves)
    ]
    return {"id": text(name), "seed": text(value.seed), "parts": parts}


def transition_answer(apply: Callable[[], Delta]) -> Any:
    """Give what a record changes, object by object in canonical leaves, or how the rules refuse it."""
    try:
        delta = apply()
    except Rejected as error:
        return _refused(
            error, reason=error.reason.value, pointer=error.pointer, seen=str(error.seen), wanted=str(error.wanted)
        )
    opened = delta.proposals
    return {
        "objects": [
            {"id": value.id.hex(), "leaves": [leaf.hex() for leaf in object_leaves(value)]} for value in delta.objects
        ],
        "claims": [[key.hex(), None if value is None else value.hex()] for key, value in delta.claims.items()],
        "membership": flat(delta.membership),
        "proposals": None if opened is None else {"whole": flat(opened.whole), "leaves": flat(opened.leaves)},
    }

"""What a proof shows of an object, and whether it may be relied on.

The aspects come from the state, the history from the log; both must tell the same.
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from msgspec import Struct, structs

from hanse_ledger.kinds import OBJECT_NAMED, OBJECTS
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.invoice.status import twin_pledged
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.proofs.derived import DerivedState
from hanse_ledger.proofs.prooffile import ObjectPart, ShownAspect
from hanse_ledger.proofs.report import Subject, kind_said, subject_of
from hanse_ledger.proofs.statement import Unpledged
from hanse_ledger.proofs.sums import with_inbox
from hanse_ledger.trees.merkle import inclusion_root
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.messages import Said, quoted, said
from hanse_ledger.values.types import Digest, Moment
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.aspects import Leaf
from hanse_ledger.wire.codec import decode_canonical

_leaf_decoder = msgspec.msgpack.Decoder(Leaf)

_ASPECTS: dict[str, dict[str, Any]] = {
    object_type.name: {
        field.name: msgspec.msgpack.Decoder(field.type)
        for field in structs.fields(object_type.state)
        if field.name not in {"id", "seed"}
    }
    for object_type in OBJECTS
}
"""For each kind of object its aspects in order, and how each is decoded."""


CHAINS = frozenset({"history", "inbox"})
"""The aspects that are chains of records: nobody reads anything in them."""


class Shown(Struct, frozen=True):
    """The shown aspects of an object, decoded, and the object's value to which they lead."""

    kind: str
    aspects: dict[str, Any]
    value: Digest


class Judged(Struct, frozen=True):
    """An object in words, and whether it may be relied on."""

    subject: Subject
    verdict: Verdict
    detail: Said


def aspects_of(kind: str) -> Collection[str]:
    """Name the aspects of a kind of object, in order."""
    return _ASPECTS[kind].keys()


def read_aspects(parts: Iterable[ShownAspect]) -> Shown:
    """Read the shown aspects of an object.

    Raises:
        ProofInvalid: a leaf is not canonical, not an aspect of one kind, or its path leads elsewhere than the others'.
    """
    kinds: set[str] = set()
    values: set[Digest] = set()
    aspects: dict[str, Any] = {}
    last = -1
    for shown in parts:
        try:
            leaf = decode_canonical(shown.leaf, _leaf_decoder, said("file.aspect", "aspect"))
        except Malformed as error:
            raise ProofInvalid(error.said) from error
        kind, _, name = leaf.name.partition("/")
        names = list(_ASPECTS.get(kind, {}))
        if name not in names or names.index(name) != shown.index or shown.index <= last:
            raise ProofInvalid(
                said(
                    "proof.aspect-place",
                    "{name} is not the aspect that stands at place {place}",
                    quoted(leaf.name[:64]),
                    shown.index,
                )
            )
        last = shown.index
        try:
            aspects[name] = decode_canonical(bytes(leaf.value), _ASPECTS[kind][name], leaf.name)
        except Malformed as error:
            raise ProofInvalid(error.said) from error
        kinds.add(kind)
        values.add(inclusion_root(hash_leaf(shown.leaf), shown.index, len(names), shown.path))
    if len(kinds) != 1 or len(values) != 1:
        raise ProofInvalid(said("proof.aspects-mixed", "the shown aspects are not those of one object"))
    return Shown(kinds.pop(), aspects, values.pop())


def is_whole(evidence: ObjectPart) -> bool:
    """Tell whether an object is shown with its history, from its beginning or from a way mark on."""
    return evidence.mark is not None or bool(evidence.history)


def compare_subject(evidence: ObjectPart, shown: Shown, retold: DerivedState) -> None:
    """Compare an object with what the file's records lead to.

    Args:
        evidence: the object in the proof file; its history is empty where the proof leaves the records out.
        shown: its aspects.
        retold: what the file's records lead to, from the object's way mark on, if it has one.

    Raises:
        ProofInvalid: the history is not whole, leads to another value than the proven one, or aspects are
            missing or too many.
    """
    whole = is_whole(evidence)
    names = OBJECT_NAMED[shown.kind].beside if whole else _ASPECTS[shown.kind].keys()
    if shown.aspects.keys() != set(names):
        raise ProofInvalid(
            said(
                "proof.aspects-wanted",
                "of this {kind} exactly {names} are to be shown",
                kind_said(shown.kind),
                sorted(names),
            )
        )
    if whole:
        _compare(evidence, shown, retold)
    elif retold.object(evidence.id) is not None:
        raise ProofInvalid(
            said(
                "proof.history-left-out",
                "the file shows records of the {kind} and leaves its history out",
                kind_said(shown.kind),
            )
        )


def judge_subject(evidence: ObjectPart, shown: Shown, at: Moment, unpledged: Unpledged | None) -> Judged:
    """Judge an object's standing, after it was compared.

    Args:
        evidence: the object in the proof file.
        shown: its aspects.
        at: the verifier's present, in milliseconds.
        unpledged: of an accepted invoice that is pledged to nobody itself, whether a pledge stands on one of its tags.
    """
    if unpledged is None or unpledged.twin is None:
        judgement = OBJECT_NAMED[shown.kind].judged(shown.aspects, at)
    else:
        judgement = twin_pledged(shown.aspects, unpledged.twin)
    whole = is_whole(evidence)
    verdict, detail = judgement.verdict, judgement.detail
    facts = {name: value for name, value in shown.aspects.items() if name not in CHAINS}
    note = None
    if not whole:
        note = said("subject.left-out", "its records are left out: the operator's state alone says this")
        if verdict is Verdict.VALID:
            verdict = Verdict.VALID_WITH_WARNINGS
            detail = said("standing.unproven", "{standing}; the operator's state alone says this", detail)
    return Judged(
        subject_of(evidence.id, shown.kind, judgement, facts, note),
        verdict,
        said("subject.standing", "{kind} {object}: {standing}", kind_said(shown.kind), evidence.id.hex(), detail),
    )


def _compare(evidence: ObjectPart, shown: Shown, retold: DerivedState) -> None:
    """Insist that the object's whole history is in the file, and that it leads to the proven value."""
    value, begins = retold.object(evidence.id), retold.begins.get(evidence.id, 0)
    touched = retold.touched.get(evidence.id, [])
    if value is None or list(evidence.history) != [position for position in touched if position > begins]:
        raise ProofInvalid(
            said(
                "proof.history-other",
                "the {kind}'s history is not that of the records in the file which touch it",
                kind_said(shown.kind),
            )
        )
    if evidence.mark is not None and not set(touched).issuperset(evidence.mark.own):
        raise ProofInvalid(
            said(
                "proof.own-untouching",
                "what is said to be the {kind}'s own record does not touch it",
                kind_said(shown.kind),
            )
        )
    history: History = shown.aspects["history"]
    if history != value.history:
        raise ProofInvalid(
            said(
                "proof.history-short",
                "the {kind}'s records do not replay to the head of its history: some are missing",
                kind_said(shown.kind),
            )
        )
    if object_value(with_inbox(value, shown.aspects)) != shown.value:
        raise ProofInvalid(
            said(
                "proof.state-other",
                "the {kind} in the state is not what its signed records lead to",
                kind_said(shown.kind),
            )
        )

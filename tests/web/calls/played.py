"""Recorded calls, made again in Python: of the state that a rule is given stands no more than was recorded."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coverage import Coverage
from msgspec.msgpack import decode

from hanse_ledger import transition as rules
from hanse_ledger.kinds import OBJECT_NAMED
from hanse_ledger.kinds.member.proposals import OpenProposals, Proposal, ProposalLeaf
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs import formcheck, proof, trustfile
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.prooffile import ShownAspect
from hanse_ledger.proofs.subjects import read_aspects
from hanse_ledger.records.envelope import open_envelope
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.membership import Membership
from tests.web.asked import Asked, flat, transition_answer, trust_answer
from tests.web.calls.recorded import Call


def differing(calls: Iterable[Call], covered: Path) -> list[str]:
    """Make calls again and name those with another answer; a file gets the lines of the ledger that ran."""
    made = Coverage(data_file=str(covered), config_file=False, include=[f"{Path(rules.__file__).parent}/*"])
    made.set_option("run:core", "ctrace")
    heads: dict[int, KnownHeads] = {}
    made.start()
    try:
        return [
            f"{call.asked['ask']} {call.asked.get('kind', '')}"
            for call in calls
            if _answer(call.asked, heads) != call.answer
        ]
    finally:
        made.stop()
        made.save()


def _answer(asked: Asked, heads: dict[int, KnownHeads]) -> Any:
    match asked["ask"]:
        case "trust":
            return trust_answer(lambda: trustfile.read_trust(_bytes(asked["data"])))
        case "transition":
            signed, state = open_envelope(_bytes(asked["envelope"])), Recorded(asked)
            ledger, at = Digest(_bytes(asked["ledger"])), asked["at"]
            return transition_answer(lambda: rules.transition(state, signed, ledger, at))
        case _:
            return flat(_report(asked, heads))


def _report(asked: Asked, heads: dict[int, KnownHeads]) -> Any:
    data = _bytes(asked["data"])
    if asked["trust"] is None:
        return formcheck.check_form(data)
    trust, known = trustfile.read_trust(_bytes(asked["trust"])), None
    if asked["known"] is not None:
        known = heads.setdefault(asked["known"], KnownHeads(trust))
    return proof.check_proof(data, known.trust if known else trust, asked["at"], known, max_age_ms=asked["most"])


class Recorded:
    """As much of a state as a rule asked for when the call was recorded; to ask for more is a KeyError. A StateView."""

    def __init__(self, asked: Asked) -> None:
        self._objects = {_bytes(each["id"]): _object(each) for each in asked["objects"]}
        self._claims = {_bytes(key): value and _bytes(value) for key, value in asked["claims"]}
        self._asked = asked

    @property
    def membership(self) -> Membership:
        """The members in force."""
        return decode(_bytes(self._asked["membership"]), type=Membership)

    @property
    def proposals(self) -> OpenProposals:
        """The changes of the members that are open."""
        whole, leaves = ([_bytes(each) for each in self._asked["proposals"][name]] for name in ("whole", "leaves"))
        return OpenProposals(
            [decode(each, type=Proposal) for each in whole], leaves=[decode(each, type=ProposalLeaf) for each in leaves]
        )

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        return self._objects[object_id]

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim by its name."""
        return self._claims[key]


def _object(asked: Asked) -> Object | None:
    if asked["parts"] is None:
        return None
    shown = read_aspects(
        ShownAspect(index=each["index"], leaf=_bytes(each["leaf"]), path=tuple(map(_bytes, each["path"])))
        for each in asked["parts"]
    )
    state = OBJECT_NAMED[shown.kind].state
    own = {"id": _bytes(asked["id"]), "seed": _bytes(asked["seed"])}
    made: Object = state(**{name: own.get(name, shown.aspects.get(name)) for name in state.__struct_fields__})
    return made


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)

"""The sample in each row is one that the rules accept, where a trade has come that far."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds import COVERABLE, KIND_NAMED, KINDS, OBJECTS, PAIRED, type_of
from hanse_ledger.kinds.certificate.bodies import QueryCertificate
from hanse_ledger.kinds.common import Context, Signers
from hanse_ledger.kinds.declaration.bodies import QueryDeclaration, ReleaseDeclaration
from hanse_ledger.kinds.document.bodies import HoldDocument, UnholdDocument
from hanse_ledger.kinds.kind import Kind
from hanse_ledger.kinds.member.samples import propose
from hanse_ledger.kinds.object import created_id, document_id, step_seed
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.title.bodies import TransferTitle
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Rejected
from tests.world.corridor import Corridor
from tests.world.corridor_bodies import a_cosigner
from tests.world.corridor_genesis import GENESIS, MEMBERS, seed_of
from tests.world.trade.pledging import pledge, release

WAITS = (0, limits.LAPSE_MS)
"""Some records are accepted only of what has waited."""


def carriage(corridor: Corridor) -> Iterator[Corridor]:
    """Have a carrier take the goods over, and issue a title that comes to the buyer."""
    corridor.enrol("carrier", PartyRole.CARRIER)
    yield corridor
    corridor.dispatch_shipment()
    yield corridor
    corridor.issue_title()
    yield corridor
    corridor.open_consignment()
    yield corridor
    corridor.submit(corridor.make.sample(TransferTitle), "seller")
    yield corridor


def trade() -> Iterator[Corridor]:
    """Walk through a trade and a change of the members: the same corridor, each time one step further."""
    nodes = tuple(a_cosigner(name) for name in ("bank-be", "bank-cn", "chamber", "market"))
    # Members whose nodes stand beside each other: a single operator's ledger takes no second node.
    membership = replace(
        GENESIS.membership, cosigners=nodes, parameters=replace(GENESIS.membership.parameters, quorum=3)
    )
    corridor = Corridor(replace(GENESIS, membership=membership))
    corridor.enrol_traders()
    yield corridor
    for body in (corridor.make.suspension("buyer"), corridor.make.reinstatement("buyer")):
        corridor.submit(body, "market")
        yield corridor
    corridor.submit(corridor.make.repair("buyer", "new"), "market", "chamber")
    yield corridor
    corridor.submit(corridor.make.contest("buyer"), "buyer")
    corridor.open_office()
    yield corridor
    corridor.grant_mandate()
    yield corridor
    yield from sealing(corridor)
    corridor.issue_invoice()
    yield corridor
    corridor.issue_certificate()
    corridor.accept_invoice()
    yield corridor
    corridor.apply_for_certificate()
    yield corridor
    corridor.submit(corridor.make.of_certificate(QueryCertificate), "chamber", name="question")
    yield corridor
    corridor.lodge_export()
    corridor.release_export()
    corridor.lodge_import()
    yield corridor
    for said, name in ((QueryDeclaration, "query"), (ReleaseDeclaration, "release")):
        corridor.submit(corridor.make.sample(said), "customs-be", name=name)
        yield corridor
    yield from pledging(corridor)
    corridor.instruct_payment()
    yield corridor
    yield from carriage(corridor)
    corridor.confirm_payment()
    yield corridor
    change = propose().change
    corridor.submit(corridor.make.proposal(change, "bank-be"), "bank-be", name="proposal")
    yield corridor
    corridor.submit(corridor.make.takeback("bank-be"), "bank-be")
    corridor.submit(corridor.make.proposal(change), "market", name="proposal")
    yield corridor
    for name in ("bank-be", "bank-cn", "chamber", "customs-be", "customs-cn"):
        if corridor.proposal is not None and not corridor.proposal.accepted:
            corridor.submit(corridor.make.vote(name), name)
    yield corridor


def sealing(corridor: Corridor) -> Iterator[Corridor]:
    """Let the seller seal an invoice to the buyer and to customs, which holds it and lets go of it again."""
    corridor.seal_invoice()
    yield corridor
    corridor.submit(corridor.make.sample(HoldDocument), "customs-be")
    yield corridor
    corridor.submit(corridor.make.sample(UnholdDocument), "customs-be")
    yield corridor


def pledging(corridor: Corridor) -> Iterator[Corridor]:
    """Let the invoice be pledged, and no more."""
    pledge(corridor)
    yield corridor
    release(corridor)


@cache
def answers() -> dict[str, list[str]]:
    """Try every sample at every step, and say by kind why it was refused; nothing where it was accepted once."""
    refused: dict[str, list[str]] = {kind.name: [] for kind in KINDS}
    waiting = list(KINDS)
    for corridor in trade():
        for kind in list(waiting):
            found = [*refusals(kind, corridor)]
            refused[kind.name] += found
            if "" in found:
                waiting.remove(kind)
                refused[kind.name] = []
    return refused


def refusals(kind: Kind[Any], corridor: Corridor) -> Iterator[str]:
    """Try a sample, signed by everybody who might have to; an empty word where it is accepted."""
    body = corridor.make.sample(kind.body)
    state, record = corridor.ledger, seed_of("the sample's record")
    parties = [each.id for each in corridor.ledger.objects.values() if isinstance(each, Party)]
    keys = frozenset(key for key in (kind.introduces(body), kind.presents(state, body)) if key is not None)
    for wait in WAITS:
        at = corridor.next_time() + wait
        context = Context(
            creates=created_id(record),
            document=document_id(record),
            record=record,
            nonce=record[:16],
            seed=step_seed(record[:16]),
            at=at,
            paired=PAIRED,
            coverable=COVERABLE,
        )
        for count in range(1, 5):
            signers = Signers(
                members=frozenset(MEMBERS),
                parties=frozenset(parties),
                new_keys=keys,
                count=count,
                acting_members=frozenset(),
                acting_parties=frozenset(),
                mandates=(),
            )
            try:
                kind.rule(state, body, signers, context)
            except Rejected as error:
                yield f"{error.reason.value} {error.pointer}".rstrip()
            else:
                yield ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_rules_accept_a_sample(kind: Kind[Any]) -> None:
    """At some step of a trade. Else it shows readers of the pages what no ledger takes."""
    refused = answers()[kind.name]
    assert refused == [], f"no step of a trade accepts the sample of {kind.name}: {sorted(set(refused))}"


def test_samples_are_made_anew_and_alike() -> None:
    """Nothing of them depends on when or where they are made."""
    assert [kind.sample() for kind in KINDS] == [kind.sample() for kind in KINDS]


def test_whom_an_object_waits_for_has_it_in_his_lists() -> None:
    """Of every object at every step of a trade: it is open, and waits for a record of its own kind."""
    waited = set()
    for row in OBJECTS:
        assert all(KIND_NAMED[record].object is row for record in row.listed.waits), row.name
    for value in (value for corridor in trade() for value in corridor.ledger.objects.values()):
        row = type_of(value)
        for record, name, waits in row.listed.waiting(value):
            assert name in row.listed.of_whom(value), (row.name, record)
            assert waits.since is None or waits.until is None or waits.since < waits.until
            assert row.listed.state(value) in row.listed.open, "what waits is open"
            waited.add(record)
    assert waited == {record for row in OBJECTS for record in row.listed.waits}, "the trade has none of the others"

"""Rule U-3: a record puts what it creates into a consignment, where whoever makes it writes into that."""

from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds import KINDS, put_into
from hanse_ledger.kinds.bundle.steps import created_by_step
from hanse_ledger.kinds.certificate.bodies import ApplyForCertificate, ReplaceCertificate
from hanse_ledger.kinds.consignment import refusals as why
from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.consignment.items import PARTS
from hanse_ledger.kinds.consignment.putting import MAKERS
from hanse_ledger.kinds.consignment.state import Consignment, ConsignmentItems
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.invoice.refusals import NOT_SELLER
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.reasons import refused_kind, rule_of
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.title.bodies import IssueTitle
from hanse_ledger.transition import transition
from hanse_ledger.values import limits
from hanse_ledger.wire.part import Body
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.bundles.test_rules_bundles import bundle
from tests.world.corridor import Altered, Corridor, traders
from tests.world.entries import bodies_of
from tests.world.trade.pledging import pledging


class Made(NamedTuple):
    """A record that creates what a consignment holds: its body, who signs it, and who of these makes it."""

    body: Body
    signers: tuple[str, ...]
    makers: tuple[str, ...]


def trading() -> Corridor:
    """An invoice is accepted, goods are certified and on their way, and a trader who has no part in any of it."""
    corridor = traders()
    corridor.enrol("trader", PartyRole.SELLER)
    corridor.issue_invoice()
    corridor.accept_invoice()
    corridor.issue_certificate()
    corridor.dispatch_shipment()
    return corridor


def opened(corridor: Corridor, *writers: str, opener: str = "trader") -> bytes:
    """Open a consignment into which these write beside the trader."""
    parties = tuple(sorted(corridor.id[name] for name in writers if name in corridor.id))
    members = tuple(sorted(name for name in writers if name not in corridor.id))
    ucr = f"6CN-{len(corridor.blocks)}"
    body = OpenConsignment(members=members, opener=corridor.id[opener], parties=parties, ucr=ucr)
    return corridor.submit(body, opener)


CORRIDOR = trading()
OF_TRADER, NOBODY = opened(CORRIDOR), bytes(32)
MAKE, ID = CORRIDOR.make, CORRIDOR.id
EVERY = (
    Made(MAKE.invoice(2), ("seller",), ("seller",)),
    Made(MAKE.certificate(), ("chamber",), ("chamber",)),
    Made(MAKE.sample(ApplyForCertificate), ("seller",), ("seller",)),
    Made(MAKE.sample(ReplaceCertificate), ("chamber",), ("chamber",)),
    Made(MAKE.declaration(Regime.EXPORT), ("seller",), ("seller",)),
    Made(MAKE.declaration(Regime.IMPORT), ("agent", "buyer"), ("agent", "buyer")),
    Made(MAKE.sample(AttestOrder), ("market",), ("market",)),
    Made(MAKE.instruction(), ("buyer",), ("buyer",)),
    Made(pledging(CORRIDOR), ("bank-cn", "seller"), ("bank-cn", "seller")),
    Made(MAKE.sample(DispatchShipment), ("carrier",), ("carrier",)),
    Made(MAKE.sample(IssueTitle), ("carrier",), ("carrier",)),
)
FOLDERS = {name: opened(CORRIDOR, name) for name in sorted({maker for made in EVERY for maker in made.makers})}
INVOICE = EVERY[0].body


def named(body: Body, folder: bytes) -> Body:
    """Have a body name a consignment."""
    changed: Body = replace(body, consignment=folder)
    return changed


def holding(items: int) -> Altered:
    """The same state, but for the items in the seller's consignment."""
    folder: Any = CORRIDOR.ledger.objects[FOLDERS["seller"]]
    return Altered(CORRIDOR.ledger, replace(folder, contents=ConsignmentItems(items=items)))


REFUSALS = [
    Refused(CORRIDOR, named(INVOICE, NOBODY), ("buyer",), NOT_SELLER, "/signers"),
    Refused(CORRIDOR, named(INVOICE, NOBODY), ("seller",), why.CONSIGNMENT_UNKNOWN, "/body/consignment"),
    Refused(CORRIDOR, named(INVOICE, ID["invoice"]), ("seller",), why.CONSIGNMENT_UNKNOWN, "/body/consignment"),
    *(
        Refused(CORRIDOR, named(made.body, OF_TRADER), made.signers, why.NOT_WRITER, "/body/consignment")
        for made in EVERY
    ),
    Refused(
        CORRIDOR,
        named(EVERY[6].body, FOLDERS["seller"]),
        ("market",),
        why.NOT_WRITER,
        "/body/consignment",
        state=holding(limits.ITEMS),
    ),
    *(
        Refused(
            CORRIDOR,
            named(INVOICE, FOLDERS["seller"]),
            ("seller",),
            why.CONSIGNMENT_FULL,
            "/body/consignment",
            state=holding(limits.ITEMS + more),
        )
        for more in (0, 1)
    ),
]
"""The rule of the record's kind comes first: its row is that kind's."""


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken requirement is named with its field, and the earliest one wins."""
    try_row(row)


@pytest.mark.parametrize("row", REFUSALS[1:], ids=names_of(REFUSALS[1:]))
def test_a_refusal_says_this_rule(row: Refused) -> None:
    """What is wrong with the consignment breaks U-3, and not the rule of the kind; in a bundle too."""
    kind = refused_kind(row.body, row.pointer)
    assert rule_of(kind, row.reason, row.pointer) == "U-3"
    body = bundle(MAKE.sample(AttestOrder), row.body)
    error = CORRIDOR.refusal(body, *dict.fromkeys(("market", *row.signers)), state=row.state)
    assert error is not None
    assert (error.reason, error.pointer) == (row.reason, f"/body/steps/1{row.pointer}")
    assert rule_of(refused_kind(body, error.pointer), error.reason, error.pointer) == "U-3"


def test_who_only_adds_breaks_another_rule() -> None:
    """`consignment.add` names a consignment in the same field, and says U-2."""
    error = CORRIDOR.refusal(replace(MAKE.sample(AddToConsignment), consignment=NOBODY, item=ID["invoice"]), "seller")
    assert error is not None
    assert rule_of("consignment.add", error.reason, error.pointer) == "U-2"


@pytest.mark.parametrize("made", EVERY, ids=lambda made: type(made.body).__name__)
def test_whoever_makes_it_puts_it_in(made: Made) -> None:
    """One of its makers writes into the consignment: it has one item more, by the record that creates the item."""
    for maker in made.makers:
        signed = CORRIDOR.sign(named(made.body, FOLDERS[maker]), *made.signers)
        delta = transition(CORRIDOR.ledger, signed, CORRIDOR.ledger.ledger, CORRIDOR.next_time())
        folder = next(value for value in delta.objects if value.id == FOLDERS[maker])
        assert isinstance(folder, Consignment)
        before = CORRIDOR.ledger.objects[folder.id]
        assert folder == replace(
            before, contents=ConsignmentItems(items=1), history=before.history.after(signed.id)
        )  # and nothing else of it is changed
        assert folder.id in signed.record.refs
        assert put_into(signed.record.body) == folder.id
        assert isinstance(delta.objects[0], tuple(PARTS))


def test_nobody_need_name_one() -> None:
    """Without a consignment the record is what it was: it touches none."""
    for made in EVERY:
        signed = CORRIDOR.sign(made.body, *made.signers)
        delta = transition(CORRIDOR.ledger, signed, CORRIDOR.ledger.ledger, CORRIDOR.next_time())
        assert put_into(made.body) is None
        assert not any(isinstance(value, Consignment) for value in delta.objects)


def test_every_kind_that_creates_what_a_consignment_holds_may_name_one() -> None:
    """The rule's own table, which a verifier has, is what the rows say; no other kind has it."""
    creating = {kind.body for kind in KINDS if kind.creates and kind.object is not None and kind.object.state in PARTS}
    assert creating == MAKERS.keys() == {type(made.body) for made in EVERY}
    having = {kind.body for kind in KINDS if "consignment" in kind.body.__struct_fields__}
    assert having == creating | {AddToConsignment}


def test_a_mandatary_puts_in_for_its_principal() -> None:
    """The agent instructs the buyer's payment: the buyer must write into the consignment, and the agent need not."""
    corridor = trading()
    corridor.grant_mandate()
    mandates = (corridor.id["mandate"],)
    of_agent, of_buyer = opened(corridor, "agent"), opened(corridor, "buyer")
    error = corridor.refusal(named(corridor.make.instruction(), of_agent), "agent", mandates=mandates)
    assert error is not None
    assert (error.reason, error.seen) == (why.NOT_WRITER, corridor.id["buyer"].hex())
    corridor.submit(named(corridor.make.instruction(), of_buyer), "agent", mandates=mandates)


def test_a_bundle_opens_a_folder_and_fills_it() -> None:
    """A step names the consignment that one before it opens; each step puts in its own, and the invariants agree."""
    corridor = trading()
    opening = replace(corridor.make.sample(OpenConsignment), members=())
    steps = [named(corridor.make.invoice(number), created_by_step(0)) for number in (2, 3, 4)]
    adding = replace(
        corridor.make.sample(AddToConsignment), consignment=created_by_step(0), item=corridor.id["invoice"]
    )
    folder = corridor.submit(bundle(opening, *steps, adding), "seller")
    value = corridor.ledger.objects[folder]
    assert isinstance(value, Consignment)
    assert (value.contents.items, value.history.count) == (4, 1)
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


def test_who_signs_another_step_puts_nothing_in() -> None:
    """The buyer writes, and signs its own step of a bundle; the seller's invoice is made by the seller alone."""
    body = bundle(named(INVOICE, FOLDERS["buyer"]), MAKE.instruction())
    error = CORRIDOR.refusal(body, "seller", "buyer")
    assert error is not None
    assert (error.reason, error.seen) == (why.NOT_WRITER, ID["seller"].hex())


def test_the_invariants_count_what_is_in() -> None:
    """A count that no records lead to is a breach."""
    records = list(bodies_of(CORRIDOR.entries))
    assert breaches(CORRIDOR.ledger, records) == []
    altered: Any = holding(1)
    state = Reached(CORRIDOR, altered.object(FOLDERS["seller"]))
    assert any("as many items as were put in" in breach for breach in breaches(state, records))


class Reached:
    """The corridor's state with one object that is another one."""

    def __init__(self, corridor: Corridor, other: Consignment) -> None:
        ledger = corridor.ledger
        self.membership, self.proposals = ledger.membership, ledger.proposals
        self.numbers, self.claims = ledger.numbers, ledger.claims
        self.objects = {**ledger.objects, other.id: other}

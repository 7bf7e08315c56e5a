"""Rules B-1 to B-3: mandates, and what is signed under them."""

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds import COVERABLE, KIND_NAMED, KINDS
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.refusals import DECLARATION_UNKNOWN
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState
from hanse_ledger.kinds.mandate.bodies import GrantMandate, MandateLimit, RevokeMandate
from hanse_ledger.kinds.mandate.refusals import (
    KIND_NOT_COVERABLE,
    KIND_NOT_COVERED,
    MANDATARY_IS_PRINCIPAL,
    MANDATARY_MISSING,
    MANDATARY_UNCLEAR,
    MANDATE_AMOUNT_EXCEEDED,
    MANDATE_CURRENCY_DIFFERS,
    MANDATE_INACTIVE,
    MANDATE_NOT_BY_PRINCIPAL,
    MANDATE_REVOKED,
    MANDATE_SUM_EXCEEDED,
    MANDATE_UNKNOWN,
    MANDATE_WITHOUT_LIMIT,
    NOT_PRINCIPAL_OR_MANDATARY,
)
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.member.refusals import MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.office.refusals import (
    FOUR_EYES_WANTED,
    KEY_UNDER_FOUR_EYES,
    KINDS_NOT_SORTED,
    OFFICER_WITHOUT_POWER,
)
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import (
    PARTY_INACTIVE,
    PARTY_SUSPENDED,
    PARTY_UNKNOWN,
    VALIDITY_EMPTY,
    VALIDITY_PAST,
)
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.reasons import rule_of
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, T0, YEAR
from tests.world.departures import KEYS_END, after, let_keys_end, suspend

ALL_OF_BUYER = ("declaration.lodge", "declaration.withdraw", "invoice.accept", "payment.instruct", "payment.withdraw")


def mandated() -> Corridor:
    """The buyer has granted several mandates: to the agent, to the market and to customs-be, which has an office."""
    corridor = traders()
    corridor.enrol("guest", PartyRole.AGENT)
    corridor.submit(replace(corridor.make.enrolment("late"), valid_from=T0 + DAY), "market", "late", name="late")
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.open_office()
    corridor.grant_mandate(kinds=ALL_OF_BUYER)
    corridor.grant_mandate("of market", kinds=ALL_OF_BUYER, party=None, member="market")
    corridor.grant_mandate("of customs", kinds=ALL_OF_BUYER, party=None, member="customs-be")
    corridor.grant_mandate("without limit", kinds=ALL_OF_BUYER, limit=None)
    corridor.grant_mandate("of tomorrow", valid_from=T0 + DAY)
    corridor.grant_mandate("revoked")
    corridor.submit(RevokeMandate(mandate=corridor.id["revoked"]), "agent")
    corridor.submit(corridor.make.appointment("actor", Power.ACT), "customs-be", "actor")
    corridor.submit(corridor.make.appointment("other actor", Power.ACT), "customs-be", "other actor")
    return corridor


def without(name: str) -> Corridor:
    """A party of it is suspended."""
    corridor = mandated()
    corridor.submit(corridor.make.suspension(name), "market")
    return corridor


def drawn() -> Corridor:
    """Of the sum of a mandate for 1,100.00 EUR, 1,000.00 are used."""
    corridor = mandated()
    limit = MandateLimit(currency="EUR", each_minor=100_000, minor_digits=2, total_minor=110_000)
    corridor.grant_mandate("small", kinds=ALL_OF_BUYER, limit=limit)
    corridor.submit(corridor.make.acceptance(), "agent", mandates=[corridor.id["small"]])
    return corridor


def paired() -> Corridor:
    """customs-be has put what it accepts for others under four eyes."""
    corridor = mandated()
    corridor.submit(corridor.make.rules_of_office("invoice.accept"), "customs-be")
    return corridor


MANDATED, DRAWN, PAIRED = mandated(), drawn(), paired()
NO_BUYER, NO_AGENT = without("buyer"), without("agent")
NO_BANK, KEYLESS = after(mandated(), (suspend, "bank-cn")), after(mandated(), (let_keys_end, "bank-cn"))
LATE = MANDATED.id["late"]
NOW = MANDATED.next_time()
GRANT = MANDATED.make.sample(GrantMandate)
REVOKE = RevokeMandate(mandate=MANDATED.id["mandate"])
ACCEPT = MANDATED.make.acceptance()
PAY = MANDATED.make.instruction()
UNKNOWN = bytes(32)
BUYER = ("buyer",)
OF_MEMBER = replace(GRANT, party=None, member="market")

GRANTING = [
    Refused(MANDATED, replace(GRANT, principal=UNKNOWN), ("seller",), PARTY_UNKNOWN, "/body/principal"),
    Refused(MANDATED, replace(GRANT, principal=LATE), ("seller",), PARTY_INACTIVE, "/body/principal"),
    Refused(NO_BUYER, GRANT, ("seller",), PARTY_SUSPENDED, "/body/principal"),
    Refused(MANDATED, replace(GRANT, party=None), ("seller",), MANDATE_NOT_BY_PRINCIPAL, "/signers"),
    Refused(MANDATED, GRANT, ("market",), MANDATE_NOT_BY_PRINCIPAL, "/signers"),
    Refused(MANDATED, replace(GRANT, party=None), ("buyer", "agent"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(MANDATED, replace(GRANT, party=None), BUYER, MANDATARY_UNCLEAR, "/body/party"),
    Refused(MANDATED, replace(GRANT, member="nobody"), BUYER, MANDATARY_UNCLEAR, "/body/party"),
    Refused(MANDATED, replace(GRANT, party=GRANT.principal), BUYER, MANDATARY_IS_PRINCIPAL, "/body/party"),
    Refused(MANDATED, replace(OF_MEMBER, member="nobody", kinds=("b.b", "a.a")), BUYER, MEMBER_UNKNOWN, "/body/member"),
    Refused(NO_BANK, replace(OF_MEMBER, member="bank-cn"), BUYER, MEMBER_SUSPENDED, "/body/member"),
    Refused(
        KEYLESS,
        replace(OF_MEMBER, member="bank-cn", kinds=("b.b", "a.a")),
        BUYER,
        MEMBER_WITHOUT_KEY,
        "/body/member",
        KEYS_END,
    ),
    Refused(MANDATED, replace(GRANT, party=UNKNOWN, kinds=("b.b", "a.a")), BUYER, PARTY_UNKNOWN, "/body/party"),
    Refused(MANDATED, replace(GRANT, party=LATE), BUYER, PARTY_INACTIVE, "/body/party"),
    Refused(NO_AGENT, replace(GRANT, kinds=("b.b", "a.a")), BUYER, PARTY_SUSPENDED, "/body/party"),
    Refused(MANDATED, replace(GRANT, kinds=("b.b", "a.a")), BUYER, KINDS_NOT_SORTED, "/body/kinds"),
    Refused(MANDATED, replace(GRANT, kinds=("invoice.issue",) * 2), BUYER, KINDS_NOT_SORTED, "/body/kinds"),
    Refused(MANDATED, replace(GRANT, kinds=("invoice.sell",), valid_until=0), BUYER, KIND_NOT_COVERABLE, "/body/kinds"),
    Refused(MANDATED, replace(GRANT, valid_from=T0, valid_until=T0), BUYER, VALIDITY_EMPTY, "/body/valid_until"),
    Refused(MANDATED, replace(GRANT, valid_from=T0 + DAY, valid_until=T0), BUYER, VALIDITY_EMPTY, "/body/valid_until"),
    Refused(MANDATED, replace(GRANT, valid_until=NOW), BUYER, VALIDITY_PAST, "/body/valid_until"),
    Refused(MANDATED, replace(GRANT, valid_until=NOW - 1), BUYER, VALIDITY_PAST, "/body/valid_until"),
]

REVOKING = [
    Refused(MANDATED, RevokeMandate(mandate=UNKNOWN), ("seller",), MANDATE_UNKNOWN, "/body/mandate"),
    Refused(MANDATED, RevokeMandate(mandate=MANDATED.id["buyer"]), BUYER, MANDATE_UNKNOWN, "/body/mandate"),
    Refused(
        MANDATED, RevokeMandate(mandate=MANDATED.id["revoked"]), ("seller",), NOT_PRINCIPAL_OR_MANDATARY, "/signers"
    ),
    Refused(MANDATED, REVOKE, ("market",), NOT_PRINCIPAL_OR_MANDATARY, "/signers"),
    Refused(
        MANDATED, RevokeMandate(mandate=MANDATED.id["revoked"]), ("buyer", "agent"), SUPERFLUOUS_SIGNER, "/signers"
    ),
    Refused(MANDATED, RevokeMandate(mandate=MANDATED.id["revoked"]), BUYER, MANDATE_REVOKED, "/body/mandate"),
]

REFUSALS = GRANTING + REVOKING


def ids(*names: str, corridor: Corridor = MANDATED) -> tuple[bytes, ...]:
    """Give the mandates of these names."""
    return tuple(sorted(corridor.id[name] for name in names))


BUT_ACCEPT = replace(ACCEPT, currency="USD")
UNDER = [
    Refused(MANDATED, ACCEPT, ("nobody",), MANDATE_UNKNOWN, "/mandates/0", mandates=(UNKNOWN,)),
    Refused(MANDATED, ACCEPT, ("agent",), MANDATE_UNKNOWN, "/mandates/0", mandates=(MANDATED.id["buyer"],)),
    Refused(MANDATED, ACCEPT, ("seller",), MANDATE_REVOKED, "/mandates/0", mandates=ids("revoked")),
    Refused(MANDATED, ACCEPT, ("seller",), MANDATE_INACTIVE, "/mandates/0", mandates=ids("of tomorrow")),
    Refused(MANDATED, ACCEPT, ("agent",), MANDATE_INACTIVE, "/mandates/0", T0 + YEAR, mandates=ids("mandate")),
    Refused(MANDATED, ACCEPT, ("agent",), MANDATE_INACTIVE, "/mandates/0", T0 + YEAR + DAY, mandates=ids("mandate")),
    Refused(NO_BUYER, ACCEPT, ("seller",), PARTY_SUSPENDED, "/mandates/0", mandates=ids("mandate", corridor=NO_BUYER)),
    Refused(
        MANDATED, RevokeMandate(mandate=UNKNOWN), ("guest",), MANDATARY_MISSING, "/mandates/0", mandates=ids("mandate")
    ),
    Refused(MANDATED, ACCEPT, BUYER, MANDATARY_MISSING, "/mandates/0", mandates=ids("of market")),
    # From its first moment a mandate is in force.
    Refused(MANDATED, ACCEPT, ("agent",), KIND_NOT_COVERED, "/mandates/0", T0 + DAY, mandates=ids("of tomorrow")),
    Refused(MANDATED, BUT_ACCEPT, ("agent",), MANDATE_WITHOUT_LIMIT, "/mandates/0", mandates=ids("without limit")),
    Refused(MANDATED, BUT_ACCEPT, ("agent",), MANDATE_CURRENCY_DIFFERS, "/mandates/0", mandates=ids("mandate")),
    Refused(
        MANDATED,
        replace(ACCEPT, currency="AUD"),
        ("agent",),
        MANDATE_CURRENCY_DIFFERS,
        "/mandates/0",
        mandates=ids("mandate"),
    ),
    Refused(
        MANDATED,
        replace(ACCEPT, minor_digits=3, amount_minor=500_001),
        ("agent",),
        MANDATE_CURRENCY_DIFFERS,
        "/mandates/0",
        mandates=ids("mandate"),
    ),
    Refused(
        DRAWN,
        replace(PAY, amount_minor=100_001),
        ("agent",),
        MANDATE_AMOUNT_EXCEEDED,
        "/mandates/0",
        mandates=ids("small", corridor=DRAWN),
    ),
    Refused(
        DRAWN,
        replace(PAY, amount_minor=100_000),
        ("agent",),
        MANDATE_SUM_EXCEEDED,
        "/mandates/0",
        mandates=ids("small", corridor=DRAWN),
    ),
    Refused(
        DRAWN,
        replace(PAY, amount_minor=10_001),
        ("agent",),
        MANDATE_SUM_EXCEEDED,
        "/mandates/0",
        mandates=ids("small", corridor=DRAWN),
    ),
    # Who signs besides, and which mandates are named for nothing.
    Refused(MANDATED, ACCEPT, ("buyer", "agent"), SUPERFLUOUS_SIGNER, "/signers", mandates=ids("mandate")),
    Refused(
        MANDATED, ACCEPT, ("agent", "market"), SUPERFLUOUS_SIGNER, "/signers", mandates=ids("mandate", "of market")
    ),
    # Officers need the power to act, and their office may want two of them.
    Refused(MANDATED, ACCEPT, ("first officer",), OFFICER_WITHOUT_POWER, "/signers/0", mandates=ids("of customs")),
    Refused(PAIRED, ACCEPT, ("customs-be",), KEY_UNDER_FOUR_EYES, "/signers", mandates=ids("of customs")),
    Refused(PAIRED, ACCEPT, ("actor",), FOUR_EYES_WANTED, "/signers", mandates=ids("of customs")),
]
"""What is refused of a record that is signed under mandates, in the order of B-3."""


@pytest.mark.parametrize("row", REFUSALS + UNDER, ids=names_of(REFUSALS + UNDER))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named, and the earliest one wins."""
    try_row(row)


def test_what_a_mandate_lacks_is_a_matter_of_b_3() -> None:
    """Of the mandate's own requirements the refusal names that rule, of the signers' theirs."""
    own = [row for row in UNDER if row.pointer.startswith("/mandates")]
    assert {rule_of(KIND_NAMED["invoice.accept"].name, row.reason, row.pointer) for row in own} == {"B-3"}


@pytest.mark.parametrize(("mandate", "mandatary"), [("of market", "market"), ("mandate", MANDATED.id["agent"].hex())])
def test_whose_signature_is_missing_is_named(mandate: str, mandatary: str) -> None:
    """A member by its name, a party by its id."""
    error = MANDATED.refusal(ACCEPT, "buyer", mandates=ids(mandate))
    assert error is not None
    assert (error.reason, error.wanted) == (MANDATARY_MISSING, mandatary)


def test_a_mandate_is_drawn_to_its_end() -> None:
    """What is left of its sum may be signed for, to the last cent."""
    rest = DRAWN.make.instruction(10_000)
    assert DRAWN.refusal(rest, "agent", mandates=ids("small", corridor=DRAWN)) is None


@pytest.mark.parametrize(
    ("signers", "mandate"),
    [
        (("agent",), "mandate"),
        (("market",), "of market"),
        (("customs-be",), "of customs"),
        (("actor",), "of customs"),
    ],
)
def test_a_mandatary_signs_for_its_principal(signers: tuple[str, ...], mandate: str) -> None:
    """A party, a member and its officers do; mandate, principal and mandatary have it in their histories."""
    corridor = mandated()
    before = dict(corridor.ledger.objects)
    corridor.submit(corridor.make.acceptance(), *signers, mandates=[corridor.id[mandate]])
    invoice = corridor.ledger.objects[corridor.id["invoice"]]
    assert isinstance(invoice, Invoice)
    assert invoice.status.state is InvoiceState.ACCEPTED
    touched = {"invoice", mandate, "buyer"} | ({"agent"} if signers == ("agent",) else set())
    grown = {
        name
        for name, object_id in corridor.id.items()
        if corridor.ledger.objects[object_id].history.count > before[object_id].history.count
    }
    assert grown == touched


def test_two_officers_act_where_the_office_wants_two() -> None:
    """They are one signer: the mandatary's principal."""
    corridor = paired()
    corridor.submit(corridor.make.acceptance(), "actor", "other actor", mandates=[corridor.id["of customs"]])


def test_amounts_are_drawn_and_never_given_back() -> None:
    """What was signed for counts, whatever becomes of it; what names no amount draws nothing."""
    corridor = mandated()
    mandate = corridor.id["mandate"]
    corridor.submit(corridor.make.acceptance(), "agent", mandates=[mandate])
    corridor.submit(corridor.make.instruction(40_000), "agent", name="payment", mandates=[mandate])
    late = corridor.next_time() + 31 * DAY
    corridor.submit(corridor.make.payment_withdrawal(), "agent", at=late, mandates=[mandate])
    value = corridor.ledger.objects[mandate]
    assert isinstance(value, Mandate)
    assert value.amounts is not None
    assert (value.amounts.used_minor, value.amounts.left_minor) == (140_000, 1_860_000)
    payment = corridor.ledger.objects[corridor.id["payment"]]
    assert isinstance(payment, Payment)
    assert payment.amounts.under_way_minor == 0


def test_a_broker_signs_once_for_its_client_and_for_itself() -> None:
    """It declares in its own name what its client consents to by a mandate; and in its client's name alone."""
    corridor = mandated()
    body = corridor.make.declaration(Regime.IMPORT, 1_000_000)
    assert body.declarant == corridor.id["agent"]
    direct = replace(body, declarant=corridor.id["buyer"], principal=None)
    for name, declaration in (("indirect", body), ("direct", direct)):
        corridor.submit(declaration, "agent", name=name, mandates=[corridor.id["mandate"]])
        assert isinstance(corridor.ledger.objects[corridor.id[name]], Declaration)
    # What is wrong besides is told, and not that a signature is missing.
    error = corridor.refusal(corridor.make.withdrawal("mandate"), "agent", mandates=[corridor.id["mandate"]])
    assert error is not None
    assert error.reason is DECLARATION_UNKNOWN


def test_a_mandate_is_nobody_elses_and_passes_nothing_on() -> None:
    """The mandatary's own mandatary does not sign for the principal."""
    corridor = mandated()
    further = replace(
        corridor.make.sample(GrantMandate),
        kinds=ALL_OF_BUYER,
        party=corridor.id["guest"],
        principal=corridor.id["agent"],
    )
    corridor.submit(further, "agent", name="further")
    both = [corridor.id["mandate"], corridor.id["further"]]
    error = corridor.refusal(corridor.make.acceptance(), "guest", mandates=both)
    assert error is not None
    assert error.reason is MANDATARY_MISSING


def test_one_record_names_mandates_of_two_principals() -> None:
    """One signature then stands for both."""
    corridor = mandated()
    other = replace(corridor.make.sample(GrantMandate), kinds=("declaration.lodge",), principal=corridor.id["guest"])
    corridor.submit(other, "guest", name="of guest")
    body = replace(corridor.make.declaration(Regime.IMPORT, 1_000_000), declarant=corridor.id["guest"])
    both = [corridor.id["mandate"], corridor.id["of guest"]]
    outcome = corridor.apply(corridor.sign(body, "agent", mandates=both))
    assert isinstance(outcome, Created)


@pytest.mark.parametrize("by", ["buyer", "agent"])
def test_a_revocation_ends_a_mandate(by: str) -> None:
    """Its claim names the record, and from then on nothing is signed under it."""
    corridor = mandated()
    signed = corridor.sign(RevokeMandate(mandate=corridor.id["mandate"]), by)
    assert isinstance(corridor.apply(signed), Created)
    assert corridor.ledger.claim(claim_key(ClaimKind.ENDED_MANDATE, corridor.id["mandate"])) == signed.id
    error = corridor.refusal(corridor.make.acceptance(), "agent", mandates=ids("mandate", corridor=corridor))
    assert error is not None
    assert error.reason is MANDATE_REVOKED


@pytest.mark.parametrize("signers", [("market",), ("market spare",)])
def test_a_member_gives_its_mandate_back(signers: tuple[str, ...]) -> None:
    """By any of its keys; and by an officer who acts."""
    assert MANDATED.refusal(RevokeMandate(mandate=MANDATED.id["of market"]), *signers) is None
    assert MANDATED.refusal(RevokeMandate(mandate=MANDATED.id["of customs"]), "actor") is None


def test_what_no_mandate_covers() -> None:
    """Keys, mandates, parties, offices, members, evidence and bundles are said by those alone whose they are.

    So is an erasure; what else is recorded of documents may be.
    """
    assert "document.erase" not in COVERABLE
    never = {kind.name.partition(".")[0] for kind in KINDS if kind.name not in {*COVERABLE, "document.erase"}}
    assert never == {"key", "mandate", "party", "office", "member", "evidence", "bundle"}
    assert not {name.partition(".")[0] for name in COVERABLE} & never


def test_a_party_that_acts_stays_itself() -> None:
    """What it signs without naming a mandate it signs for itself alone."""
    error = MANDATED.refusal(ACCEPT, "agent")
    assert error is not None
    assert error.pointer == "/signers"

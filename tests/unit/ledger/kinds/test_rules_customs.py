"""Rules C-1 to C-5: lodging, release, refusal, withdrawal and lapse of declarations; balances of certificates."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration, Regime
from hanse_ledger.kinds.declaration.refusals import (
    DECLARATION_DECIDED,
    DECLARATION_UNKNOWN,
    LAPSED_TOO_SOON,
    NOT_CONCERNED,
    NOT_CUSTOMS,
    NOT_DECLARANT,
    NOT_PRINCIPAL,
    NOT_TRADER,
    PRINCIPAL_IS_DECLARANT,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationLinks, DeclarationState, DeclarationStatus
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import DUPLICATE_INVOICE, INVOICE_NOT_OPEN, INVOICE_UNKNOWN
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_LACKS_ROLE, PARTY_SUSPENDED, PARTY_UNKNOWN
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED, SUPERFLUOUS_SIGNER, TOO_MANY_ENDED
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor_genesis import DAY, T0, YEAR
from tests.world.departures import KEYS_END, after, hold, let_keys_end, lose_role, suspend
from tests.world.goods import (
    as_lodged,
    balances,
    decided,
    declarations,
    goods,
    line,
    lodged,
    revoked,
    state_of,
    two_lines,
    worn,
)

GOODS, LODGED, REVOKED, DECIDED, WORN = goods(), lodged(), revoked(), decided(), worn()
SUSPENDED, KEYLESS = after(goods(), (suspend, "customs-be")), after(goods(), (let_keys_end, "customs-be"))
NO_CUSTOMS = after(decided(), (lose_role, "customs-be"))
ID = GOODS.id
LATE = T0 + 2 * YEAR
HELD = after(goods(), (hold, "seller"))
EXPORT, IMPORT = GOODS.make.declaration(Regime.EXPORT), GOODS.make.declaration(Regime.IMPORT)
NOBODY = bytes(32)
TWICE = (ID["closed"], ID["closed"])
BY_SELLER = ("seller",)


def using(name: str, *, number: int = limits.LINES + 1, body: LodgeDeclaration = EXPORT) -> LodgeDeclaration:
    """The export with a line of another certificate; its number is out of bounds unless told otherwise."""
    return replace(body, lines=(line(ID[name], number=min(number, limits.LINES)),))


DECLARANT = [
    Refused(GOODS, replace(EXPORT, customs="none", declarant=NOBODY), ("market",), MEMBER_UNKNOWN, "/body/customs"),
    Refused(SUSPENDED, replace(IMPORT, declarant=NOBODY), ("market",), MEMBER_SUSPENDED, "/body/customs"),
    Refused(KEYLESS, replace(IMPORT, declarant=NOBODY), ("market",), MEMBER_WITHOUT_KEY, "/body/customs", KEYS_END),
    Refused(
        GOODS,
        replace(EXPORT, customs="chamber", declarant=NOBODY),
        ("chamber",),
        MEMBER_LACKS_ROLE,
        "/body/customs",
    ),
    Refused(GOODS, replace(EXPORT, declarant=NOBODY), ("market",), PARTY_UNKNOWN, "/body/declarant"),
    Refused(GOODS, EXPORT, ("market",), PARTY_INACTIVE, "/body/declarant", LATE),
    Refused(HELD, EXPORT, ("market",), PARTY_SUSPENDED, "/body/declarant"),
    Refused(GOODS, replace(IMPORT, principal=NOBODY), ("buyer",), NOT_DECLARANT, "/signers"),
    Refused(GOODS, IMPORT, ("buyer", "market"), NOT_DECLARANT, "/signers"),
    Refused(
        GOODS,
        replace(EXPORT, principal=EXPORT.declarant),
        ("seller", "agent"),
        PRINCIPAL_IS_DECLARANT,
        "/body/principal",
    ),
    Refused(
        GOODS,
        replace(EXPORT, principal=NOBODY),
        ("seller", "agent"),
        PARTY_LACKS_ROLE,
        "/body/declarant",
    ),
    Refused(
        GOODS,
        replace(IMPORT, principal=NOBODY),
        ("agent", "buyer", "market"),
        PARTY_UNKNOWN,
        "/body/principal",
    ),
    Refused(GOODS, replace(IMPORT, principal=ID["brief"]), ("agent",), PARTY_INACTIVE, "/body/principal", T0 + DAY),
    Refused(GOODS, IMPORT, ("agent", "customs-be"), NOT_PRINCIPAL, "/signers"),
    Refused(GOODS, replace(IMPORT, invoices=TWICE), ("agent",), NOT_PRINCIPAL, "/signers"),
    Refused(GOODS, replace(IMPORT, invoices=TWICE), ("agent", "buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(GOODS, replace(EXPORT, invoices=TWICE), ("seller", "market"), SUPERFLUOUS_SIGNER, "/signers"),
]

INVOICES = [
    Refused(GOODS, replace(EXPORT, invoices=TWICE), BY_SELLER, DUPLICATE_INVOICE, "/body/invoices"),
    Refused(
        GOODS,
        replace(using("revoked"), invoices=(ID["invoice"], ID["certificate"])),
        BY_SELLER,
        INVOICE_UNKNOWN,
        "/body/invoices/1",
    ),
    Refused(
        GOODS,
        replace(EXPORT, invoices=(ID["closed"],), declarant=ID["agent"]),
        ("agent",),
        INVOICE_NOT_OPEN,
        "/body/invoices/0",
    ),
    Refused(GOODS, replace(using("revoked"), declarant=ID["agent"]), ("agent",), NOT_TRADER, "/body/invoices/0"),
    Refused(
        GOODS,
        replace(using("revoked"), invoices=(ID["invoice"], ID["of other"])),
        BY_SELLER,
        NOT_TRADER,
        "/body/invoices/1",
    ),
    Refused(
        GOODS,
        replace(IMPORT, declarant=ID["agent"], principal=ID["other"]),
        ("agent", "other"),
        NOT_TRADER,
        "/body/invoices/0",
    ),
    Refused(
        WORN,
        replace(IMPORT, lines=(line(ID["revoked"]),)),
        ("agent", "buyer"),
        TOO_MANY_ENDED,
        "/body/invoices/0",
    ),
]

RELEASE, REFUSE = LODGED.make.release(), LODGED.make.declaration_refusal()
GONE, NO_REASONS = DECIDED.make.release(), replace(DECIDED.make.declaration_refusal(), reasons=())
DECLARATION = "/body/declaration"

DECISIONS = [
    Refused(LODGED, replace(RELEASE, declaration=NOBODY), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, GONE, ("customs-cn",), NOT_CUSTOMS, "/signers"),
    Refused(DECIDED, GONE, ("agent",), NOT_CUSTOMS, "/signers"),
    Refused(NO_CUSTOMS, GONE, ("customs-be", "customs-cn"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(DECIDED, GONE, ("customs-be", "customs-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, GONE, ("customs-be",), DECLARATION_DECIDED, DECLARATION, LATE),
    Refused(DECIDED, DECIDED.make.release("export"), ("customs-cn",), DECLARATION_DECIDED, DECLARATION),
    Refused(REVOKED, REVOKED.make.release(), ("customs-be",), CERTIFICATE_NOT_LIVE, DECLARATION, LATE),
    Refused(DECIDED, replace(NO_REASONS, declaration=ID["invoice"]), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, NO_REASONS, ("market",), NOT_CUSTOMS, "/signers"),
    Refused(NO_CUSTOMS, NO_REASONS, ("customs-be", "market"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(DECIDED, NO_REASONS, ("customs-be", "market"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, NO_REASONS, ("customs-be",), DECLARATION_DECIDED, DECLARATION),
    Refused(LODGED, replace(REFUSE, reasons=()), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(LODGED, replace(REFUSE, reasons=("B", "A")), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(LODGED, replace(REFUSE, reasons=("A", "A")), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons"),
]

WITHDRAW, TOO_LATE = LODGED.make.withdrawal(), DECIDED.make.withdrawal()

WITHDRAWALS = [
    Refused(LODGED, replace(WITHDRAW, declaration=NOBODY), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, TOO_LATE, ("customs-be",), NOT_DECLARANT, "/signers"),
    Refused(DECIDED, TOO_LATE, ("seller",), NOT_DECLARANT, "/signers"),
    Refused(DECIDED, TOO_LATE, ("agent", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, TOO_LATE, ("agent",), DECLARATION_DECIDED, DECLARATION),
    Refused(DECIDED, DECIDED.make.withdrawal("export"), ("seller",), DECLARATION_DECIDED, DECLARATION),
]

LAPSE, DECIDED_LAPSE = LODGED.make.lapse(), DECIDED.make.lapse()
LODGED_AT = LODGED.head.time

LAPSES = [
    Refused(LODGED, replace(LAPSE, declaration=NOBODY), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, DECIDED_LAPSE, ("other",), NOT_CONCERNED, "/signers"),
    Refused(DECIDED, DECIDED_LAPSE, ("customs-be",), NOT_CONCERNED, "/signers"),
    Refused(DECIDED, DECIDED_LAPSE, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, DECIDED_LAPSE, ("seller",), DECLARATION_DECIDED, DECLARATION),
    Refused(LODGED, LAPSE, ("seller",), LAPSED_TOO_SOON, DECLARATION, LODGED_AT + 90 * DAY - 1),
]

REFUSALS = DECLARANT + INVOICES + DECISIONS + WITHDRAWALS + LAPSES


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_import_reserves_and_export_only_checks() -> None:
    """C-1 makes a declaration, counts it on its invoices, and for an import alone reserves each line's quantity."""
    signed = LODGED.signed["import"]
    name = LODGED.id["import"]
    assert LODGED.ledger.objects[name] == Declaration(
        id=name,
        seed=step_seed(signed.record.nonce),
        assessment=None,
        history=NO_HISTORY.after(signed.id),
        lines=tuple(map(as_lodged, two_lines(LODGED))),
        links=DeclarationLinks(
            customs="customs-be",
            declarant=LODGED.id["agent"],
            invoices=(LODGED.id["invoice"],),
            principal=LODGED.id["buyer"],
        ),
        query=None,
        status=DeclarationStatus(
            heard=LODGED_AT, lodged=LODGED_AT, regime=Regime.IMPORT, state=DeclarationState.LODGED
        ),
        value=None,
    )
    assert balances(LODGED, "certificate") == [(200_000_000, 300_000_000, 0), (20_000_000, 0, 0)]
    assert balances(LODGED, "for all") == [(500_000_000, 0, 0), (15_000_000, 5_000_000, 0)]
    assert declarations(LODGED) == 2


def test_release_writes_off_what_was_reserved() -> None:
    """C-2 on import moves each quantity from reserved to written off, and the invoice stays declared."""
    assert balances(DECIDED, "certificate") == [(200_000_000, 0, 300_000_000), (20_000_000, 0, 0)]
    assert balances(DECIDED, "for all") == [(500_000_000, 0, 0), (15_000_000, 0, 5_000_000)]
    assert state_of(DECIDED, "import") is DeclarationState.RELEASED


def test_refusal_gives_back_what_was_reserved() -> None:
    """C-3 on import makes the quantities available again, also those of a certificate that was revoked since."""
    corridor = revoked()
    corridor.submit(corridor.make.declaration_refusal(), "customs-be")
    assert balances(corridor, "certificate") == [(500_000_000, 0, 0), (20_000_000, 0, 0)]
    assert balances(corridor, "for all") == [(500_000_000, 0, 0), (20_000_000, 0, 0)]
    assert declarations(corridor) == 1
    assert state_of(corridor, "import") is DeclarationState.REFUSED


@pytest.mark.parametrize("signer", ["agent", "buyer"])
def test_withdrawal_gives_back_what_was_reserved(signer: str) -> None:
    """C-4 needs the declarant or its principal, and leaves nothing behind of the import, whatever was revoked since."""
    corridor = revoked()
    corridor.submit(corridor.make.withdrawal(), signer)
    assert balances(corridor, "certificate") == [(500_000_000, 0, 0), (20_000_000, 0, 0)]
    assert balances(corridor, "for all") == [(500_000_000, 0, 0), (20_000_000, 0, 0)]
    assert declarations(corridor) == 1
    assert state_of(corridor, "import") is DeclarationState.WITHDRAWN


@pytest.mark.parametrize("signer", ["agent", "buyer", "seller"])
def test_lapse_gives_back_what_was_reserved(signer: str) -> None:
    """C-5: ninety days after the lodging whoever is concerned ends it, whatever has become of the certificate."""
    corridor = revoked()
    corridor.submit(corridor.make.lapse(), signer, at=LODGED_AT + 90 * DAY)
    assert balances(corridor, "certificate") == [(500_000_000, 0, 0), (20_000_000, 0, 0)]
    assert balances(corridor, "for all") == [(500_000_000, 0, 0), (20_000_000, 0, 0)]
    assert declarations(corridor) == 1
    assert state_of(corridor, "import") is DeclarationState.LAPSED


def test_withdrawing_an_export_moves_no_balance() -> None:
    """C-4 on export touches no certificate."""
    corridor = lodged()
    corridor.submit(corridor.make.withdrawal("export"), "seller")
    assert balances(corridor, "certificate") == [(200_000_000, 300_000_000, 0), (20_000_000, 0, 0)]
    assert declarations(corridor) == 1


def test_deciding_an_export_moves_no_balance() -> None:
    """C-2 and C-3 on export touch no certificate, so that one that was revoked since does not stand in the way."""
    for body in (REVOKED.make.release("export"), REVOKED.make.declaration_refusal("export")):
        corridor = revoked()
        corridor.submit(body, "customs-cn")
        assert balances(corridor, "certificate") == [(200_000_000, 300_000_000, 0), (20_000_000, 0, 0)]
    assert state_of(DECIDED, "export") is DeclarationState.REFUSED
    assert declarations(DECIDED) == 1


@pytest.mark.parametrize(
    ("changes", "signers"),
    [
        ({"declarant": ID["seller"], "principal": None}, ("seller",)),
        ({"declarant": ID["buyer"], "principal": None}, ("buyer",)),
        ({"declarant": ID["agent"], "principal": ID["seller"]}, ("seller", "agent")),
        ({"declarant": ID["agent"], "principal": ID["buyer"]}, ("buyer", "agent")),
    ],
)
@pytest.mark.parametrize("body", [EXPORT, IMPORT], ids=["export", "import"])
def test_who_may_declare(body: LodgeDeclaration, changes: dict[str, ObjectId | None], signers: tuple[str, ...]) -> None:
    """C-1 takes a trader alone, or an agent for a trader who signs too, in both directions."""
    assert GOODS.refusal(replace(body, **changes), *signers) is None

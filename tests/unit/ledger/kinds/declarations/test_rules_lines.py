"""Rule C-1, line by line: what a certificate must be, and say, for goods that are declared under it."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE, CERTIFICATE_NOT_VALID_NOW, CERTIFICATE_UNKNOWN
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.refusals import (
    CERTIFICATE_FOR_OTHER_CONSIGNEE,
    CERTIFICATE_LINE_UNKNOWN,
    CERTIFICATE_OF_OTHER_EXPORTER,
    CERTIFICATE_OVERDRAWN,
    LINE_DIFFERS_FROM_CERTIFICATE,
)
from hanse_ledger.kinds.refusals import TOO_MANY_ENDED
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.test_rules_customs import (
    BY_SELLER,
    DECIDED,
    EXPORT,
    GOODS,
    ID,
    IMPORT,
    LODGED,
    WORN,
    using,
)
from tests.world.corridor_genesis import DAY, T0, YEAR
from tests.world.goods import line

BARE = replace(line(bytes(32)), certificate=None)
AT = "/body/lines/0"
CERTIFICATE = f"{AT}/certificate"

REFUSALS = [
    Refused(GOODS, using("invoice"), BY_SELLER, CERTIFICATE_UNKNOWN, CERTIFICATE),
    Refused(GOODS, using("revoked"), BY_SELLER, CERTIFICATE_NOT_LIVE, CERTIFICATE),
    Refused(GOODS, using("later"), BY_SELLER, CERTIFICATE_NOT_VALID_NOW, CERTIFICATE, T0 + DAY - 1),
    Refused(GOODS, using("earlier"), BY_SELLER, CERTIFICATE_NOT_VALID_NOW, CERTIFICATE, T0 + DAY),
    Refused(GOODS, using("earlier"), BY_SELLER, CERTIFICATE_NOT_VALID_NOW, CERTIFICATE, T0 + DAY + 1),
    Refused(GOODS, using("later"), BY_SELLER, CERTIFICATE_OF_OTHER_EXPORTER, CERTIFICATE, T0 + DAY),
    Refused(GOODS, using("of another"), BY_SELLER, CERTIFICATE_OF_OTHER_EXPORTER, CERTIFICATE),
    Refused(GOODS, using("of exporter"), BY_SELLER, CERTIFICATE_OF_OTHER_EXPORTER, CERTIFICATE),
    Refused(
        GOODS,
        replace(using("certificate"), declarant=ID["other"], invoices=(ID["of other"],)),
        ("other",),
        CERTIFICATE_OF_OTHER_EXPORTER,
        CERTIFICATE,
    ),
    Refused(GOODS, using("for consignee"), BY_SELLER, CERTIFICATE_FOR_OTHER_CONSIGNEE, CERTIFICATE),
    Refused(
        GOODS,
        replace(using("certificate"), invoices=(ID["invoice"], ID["to other"])),
        BY_SELLER,
        CERTIFICATE_FOR_OTHER_CONSIGNEE,
        CERTIFICATE,
    ),
    Refused(
        WORN,
        replace(using("for all", body=IMPORT), invoices=(WORN.id["second"],)),
        ("agent", "buyer"),
        TOO_MANY_ENDED,
        CERTIFICATE,
    ),
    Refused(GOODS, using("certificate", number=3), BY_SELLER, CERTIFICATE_LINE_UNKNOWN, f"{CERTIFICATE}/line"),
    Refused(
        GOODS,
        replace(EXPORT, lines=(line(ID["certificate"], quantity_micro=500_001_000, hs_code="61101000"),)),
        BY_SELLER,
        LINE_DIFFERS_FROM_CERTIFICATE,
        AT,
    ),
    *(
        Refused(
            GOODS,
            replace(EXPORT, lines=(replace(line(ID["certificate"]), origin=origin),)),
            BY_SELLER,
            LINE_DIFFERS_FROM_CERTIFICATE,
            AT,
        )
        for origin in ("BE", "VN")
    ),
    Refused(
        GOODS,
        replace(EXPORT, lines=(line(ID["certificate"], unit="KGM"),)),
        BY_SELLER,
        LINE_DIFFERS_FROM_CERTIFICATE,
        AT,
    ),
    Refused(GOODS, using("certificate", number=2), BY_SELLER, LINE_DIFFERS_FROM_CERTIFICATE, AT),
    Refused(
        GOODS,
        replace(EXPORT, lines=(line(ID["certificate"], quantity_micro=500_001_000),)),
        BY_SELLER,
        CERTIFICATE_OVERDRAWN,
        f"{AT}/quantity_micro",
    ),
    Refused(
        GOODS,
        replace(IMPORT, lines=IMPORT.lines + IMPORT.lines),
        ("agent", "buyer"),
        CERTIFICATE_OVERDRAWN,
        "/body/lines/1/quantity_micro",
    ),
    Refused(
        GOODS,
        replace(EXPORT, lines=EXPORT.lines + EXPORT.lines),
        BY_SELLER,
        CERTIFICATE_OVERDRAWN,
        "/body/lines/1/quantity_micro",
    ),
    Refused(
        GOODS,
        replace(IMPORT, lines=(BARE, line(ID["certificate"], quantity_micro=500_000_001))),
        ("agent", "buyer"),
        CERTIFICATE_OVERDRAWN,
        "/body/lines/1/quantity_micro",
    ),
    Refused(
        GOODS,
        replace(IMPORT, lines=(line(ID["of three"], number=3, quantity_micro=500_000_001),)),
        ("agent", "buyer"),
        CERTIFICATE_OVERDRAWN,
        f"{AT}/quantity_micro",
    ),
    *(
        Refused(
            LODGED,
            replace(LODGED.make.declaration(Regime.IMPORT, 200_000_001), regime=regime),
            ("buyer", "agent"),
            CERTIFICATE_OVERDRAWN,
            f"{AT}/quantity_micro",
        )
        for regime in (Regime.IMPORT, Regime.BONDED_ADMISSION)
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_export_is_held_to_what_is_certified() -> None:
    """C-1: what an import has reserved or written off has been exported too, and does not stand in the way of it."""
    whole = (line(ID["certificate"], quantity_micro=500_000_000),)
    for corridor in (LODGED, DECIDED):
        assert corridor.refusal(replace(corridor.make.declaration(Regime.EXPORT), lines=whole), "seller") is None
        error = corridor.refusal(replace(corridor.make.declaration(Regime.IMPORT), lines=whole), "agent", "buyer")
        assert error is not None
        assert error.reason is CERTIFICATE_OVERDRAWN


def test_certificate_covers_invoices_of_its_exporter_to_its_consignee() -> None:
    """C-1: a certificate without a consignee covers invoices to several buyers; the whole quantity may be declared."""
    invoices = (ID["invoice"], ID["to other"])
    assert GOODS.refusal(replace(using("for all", number=1), invoices=invoices), "seller") is None
    whole = replace(IMPORT, lines=(line(ID["certificate"], quantity_micro=500_000_000),))
    third = replace(IMPORT, lines=(line(ID["of three"], number=3, quantity_micro=500_000_000),))
    for body in (whole, third):
        assert GOODS.refusal(body, "agent", "buyer") is None
    assert GOODS.refusal(whole, "agent", "buyer", at=T0 + YEAR - 1) is None

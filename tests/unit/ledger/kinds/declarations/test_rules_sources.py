"""Rule C-1 for bonded admissions, zone releases and returns: where goods come from, and what is left there."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import (
    CorrectDeclaration,
    DeclarationLine,
    LineSource,
    LodgeDeclaration,
    Regime,
)
from hanse_ledger.kinds.declaration.refusals import (
    CERTIFICATE_NOT_ASKED,
    CORRECTED_TOO_MUCH,
    DECLARATION_UNKNOWN,
    DECLARED_LINE_UNKNOWN,
    LINE_DIFFERS_FROM_SOURCE,
    SOURCE_OF_OTHER_OFFICE,
    SOURCE_OF_OTHER_REGIME,
    SOURCE_OF_OTHER_TRADER,
    SOURCE_OVERDRAWN,
    SOURCE_UNFIT,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY
from tests.world.goods import balances, goods, line, part, state_of

M = 1_000_000
BOTH = ("agent", "buyer")


def declared(corridor: Corridor, regime: Regime, *lines: DeclarationLine) -> LodgeDeclaration:
    """A declaration of the buyer's, by its agent."""
    return replace(corridor.make.declaration(Regime.IMPORT), regime=regime, lines=lines)


def bare(quantity_micro: int) -> DeclarationLine:
    """Pieces without a certificate, that come from nowhere."""
    return replace(line(bytes(32), quantity_micro=quantity_micro), certificate=None)


def drawing(corridor: Corridor, name: str, quantity_micro: int, number: int = 1) -> DeclarationLine:
    """Pieces that come from a declaration."""
    return replace(bare(quantity_micro), source=LineSource(declaration=corridor.id[name], line=number))


def stocked() -> Corridor:
    """Of an admission of 100 pieces 80 are in the zone; 50 pieces are imported, under a certificate."""
    corridor = goods()
    corridor.submit(declared(corridor, Regime.BONDED_ADMISSION, bare(100 * M)), *BOTH, name="stock")
    corridor.submit(part(corridor, (1, 80 * M), declaration="stock"), "customs-be", name="admitted")
    corridor.submit(
        declared(corridor, Regime.IMPORT, line(corridor.id["certificate"], quantity_micro=50 * M)), *BOTH, name="import"
    )
    corridor.submit(corridor.make.release(), "customs-be", name="release")
    elsewhere = replace(declared(corridor, Regime.BONDED_ADMISSION, bare(M)), customs="customs-cn")
    corridor.submit(elsewhere, *BOTH, name="elsewhere")
    return corridor


STOCKED = stocked()
ZONE, BACK = Regime.ZONE_RELEASE, Regime.RETURN
STOCK, TAKEN = drawing(STOCKED, "stock", 999 * M, 2), drawing(STOCKED, "import", 999 * M, 2)
UNDER = line(STOCKED.id["certificate"])
SOURCE, FIRST = "/body/lines/0/source", "/body/lines/0/quantity_micro"
NAMED = "/body/lines/0/certificate"


def zone(**changes: object) -> LodgeDeclaration:
    """A zone release of more than there is, from a line that there is not, with changes."""
    return replace(declared(STOCKED, ZONE, STOCK), **changes)


OTHER_TRADER = {"declarant": STOCKED.id["seller"], "principal": None}
WRONG_GOODS = replace(drawing(STOCKED, "stock", 999 * M), unit="KGM")

REFUSALS = [
    Refused(
        STOCKED,
        declared(STOCKED, Regime.BONDED_ADMISSION, UNDER),
        BOTH,
        CERTIFICATE_NOT_ASKED,
        NAMED,
    ),
    Refused(
        STOCKED,
        declared(STOCKED, BACK, replace(TAKEN, certificate=UNDER.certificate, quantity_micro=M)),
        BOTH,
        CERTIFICATE_NOT_ASKED,
        NAMED,
    ),
    Refused(STOCKED, declared(STOCKED, Regime.IMPORT, STOCK), BOTH, SOURCE_UNFIT, SOURCE),
    Refused(STOCKED, declared(STOCKED, Regime.IMPORT, bare(M), STOCK), BOTH, SOURCE_UNFIT, "/body/lines/1/source"),
    Refused(STOCKED, declared(STOCKED, Regime.BONDED_ADMISSION, STOCK), BOTH, SOURCE_UNFIT, SOURCE),
    Refused(STOCKED, declared(STOCKED, ZONE, bare(M)), BOTH, SOURCE_UNFIT, SOURCE),
    Refused(STOCKED, declared(STOCKED, BACK, bare(M)), BOTH, SOURCE_UNFIT, SOURCE),
    Refused(
        STOCKED,
        declared(STOCKED, ZONE, drawing(STOCKED, "invoice", M)),
        BOTH,
        DECLARATION_UNKNOWN,
        f"{SOURCE}/declaration",
    ),
    Refused(STOCKED, zone(lines=(TAKEN,), customs="customs-cn"), BOTH, SOURCE_OF_OTHER_REGIME, SOURCE),
    Refused(STOCKED, declared(STOCKED, BACK, STOCK), BOTH, SOURCE_OF_OTHER_REGIME, SOURCE),
    Refused(STOCKED, zone(customs="customs-cn", **OTHER_TRADER), ("seller",), SOURCE_OF_OTHER_OFFICE, SOURCE),
    Refused(
        STOCKED,
        zone(lines=(drawing(STOCKED, "elsewhere", 999 * M, 2),), **OTHER_TRADER),
        ("seller",),
        SOURCE_OF_OTHER_OFFICE,
        SOURCE,
    ),
    Refused(STOCKED, zone(**OTHER_TRADER), ("seller",), SOURCE_OF_OTHER_TRADER, SOURCE),
    Refused(STOCKED, zone(), BOTH, DECLARED_LINE_UNKNOWN, f"{SOURCE}/line"),
    Refused(STOCKED, zone(lines=(WRONG_GOODS,)), BOTH, LINE_DIFFERS_FROM_SOURCE, SOURCE),
    Refused(STOCKED, zone(lines=(replace(WRONG_GOODS, origin="BE"),)), BOTH, LINE_DIFFERS_FROM_SOURCE, SOURCE),
    Refused(
        STOCKED,
        zone(lines=(replace(drawing(STOCKED, "stock", M), hs_code="610990"),)),
        BOTH,
        LINE_DIFFERS_FROM_SOURCE,
        SOURCE,
    ),
    Refused(
        STOCKED,
        zone(lines=(drawing(STOCKED, "stock", 80 * M + 1),)),
        BOTH,
        SOURCE_OVERDRAWN,
        "/body/lines/0/quantity_micro",
    ),
    Refused(
        STOCKED,
        zone(lines=(drawing(STOCKED, "stock", 41 * M), drawing(STOCKED, "stock", 40 * M))),
        BOTH,
        SOURCE_OVERDRAWN,
        "/body/lines/1/quantity_micro",
    ),
    Refused(
        STOCKED,
        declared(STOCKED, BACK, drawing(STOCKED, "import", 50 * M + 1)),
        BOTH,
        SOURCE_OVERDRAWN,
        "/body/lines/0/quantity_micro",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def drawn(corridor: Corridor, name: str) -> tuple[int, int]:
    """Give what others draw on the first line of a declaration, and what is left there."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Declaration)
    return found.lines[0].drawn_micro, found.lines[0].available_micro


def every_drawn(corridor: Corridor, name: str) -> list[int]:
    """Give what others draw on each line of a declaration."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Declaration)
    return [each.drawn_micro for each in found.lines]


def test_stock_is_released_in_parts_and_written_off_there() -> None:
    """An admission reserves nothing; its zone releases draw on what is admitted, and on the certificate."""
    corridor = stocked()
    before = balances(corridor, "certificate")
    assert before[0] == (450 * M, 0, 50 * M)
    use = replace(drawing(corridor, "stock", 30 * M), certificate=UNDER.certificate)
    corridor.submit(declared(corridor, ZONE, use), *BOTH, name="zone")
    assert drawn(corridor, "stock") == (30 * M, 50 * M)
    assert balances(corridor, "certificate")[0] == (420 * M, 30 * M, 50 * M)
    corridor.submit(part(corridor, (1, 20 * M), declaration="zone"), "customs-be")
    corridor.submit(corridor.make.declaration_refusal("zone"), "customs-be")
    assert state_of(corridor, "zone") is DeclarationState.CUT_SHORT
    assert drawn(corridor, "stock") == (20 * M, 60 * M)
    assert balances(corridor, "certificate")[0] == (430 * M, 0, 70 * M)
    back = declared(corridor, BACK, drawing(corridor, "zone", 20 * M))
    assert corridor.refusal(back, *BOTH) is None


def test_each_line_draws_on_the_line_that_it_names() -> None:
    """Lines are counted from 1, and no other one is drawn on; what is withdrawn is left where it came from."""
    corridor = stocked()
    stock = declared(corridor, Regime.BONDED_ADMISSION, *(bare(number * 10 * M) for number in (1, 2, 3)))
    corridor.submit(stock, *BOTH, name="three")
    corridor.submit(corridor.make.release("three"), "customs-be")
    uses = (drawing(corridor, "three", number * 10 * M, number) for number in (3, 1, 2))
    corridor.submit(declared(corridor, ZONE, *uses), *BOTH, name="zone")
    assert every_drawn(corridor, "three") == [10 * M, 20 * M, 30 * M]
    corridor.submit(part(corridor, (3, 5 * M), declaration="zone"), "customs-be")
    corridor.submit(corridor.make.withdrawal("zone"), "agent")
    assert every_drawn(corridor, "three") == [0, 5 * M, 0]


@pytest.mark.parametrize("ending", ["refusal", "withdrawal", "lapse"])
def test_a_return_draws_and_gives_nothing_back_on_certificates(ending: str) -> None:
    """It is never more than was imported; what ends without a release is left to be returned again."""
    corridor = stocked()
    before = balances(corridor, "certificate")
    corridor.submit(declared(corridor, BACK, drawing(corridor, "import", 50 * M)), *BOTH, name="back")
    assert drawn(corridor, "import") == (50 * M, 0)
    body, signer, wait = {
        "refusal": (corridor.make.declaration_refusal("back"), "customs-be", 1),
        "withdrawal": (corridor.make.withdrawal("back"), "agent", 1),
        "lapse": (corridor.make.lapse("back"), "seller", 90 * DAY),
    }[ending]
    corridor.submit(body, signer, at=corridor.head.time + wait)
    assert drawn(corridor, "import") == (0, 50 * M)
    assert balances(corridor, "certificate") == before


def test_what_others_draw_is_not_corrected_away() -> None:
    """C-9 leaves at least what is returned; correcting the return itself leaves it to be returned again."""
    corridor = stocked()
    corridor.submit(declared(corridor, BACK, drawing(corridor, "import", 40 * M)), *BOTH, name="back")
    corridor.submit(corridor.make.release("back"), "customs-be", name="gone back")
    less = corridor.make.sample(CorrectDeclaration)
    lines = part(corridor, (1, 11 * M)).lines or ()
    error = corridor.refusal(replace(less, lines=lines), "customs-be")
    assert error is not None
    assert error.reason is CORRECTED_TOO_MUCH
    body = replace(less, declaration=corridor.id["back"], lines=lines, release=corridor.id["gone back"])
    corridor.submit(body, "customs-be")
    assert drawn(corridor, "import") == (29 * M, 21 * M)
    assert corridor.refusal(replace(less, lines=lines), "customs-be") is None


def test_a_seller_may_act_for_whoever_has_admitted_goods() -> None:
    """The party that admitted or imported goods signs whatever draws on them, as declarant or as principal."""
    body = declared(STOCKED, ZONE, drawing(STOCKED, "stock", M))
    assert STOCKED.refusal(replace(body, declarant=STOCKED.id["buyer"], principal=None), "buyer") is None
    assert STOCKED.refusal(body, *BOTH) is None

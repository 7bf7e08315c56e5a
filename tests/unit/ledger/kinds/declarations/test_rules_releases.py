"""Rules C-2 and C-9 in parts: what is released line by line, what of the rest becomes, and what is corrected."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.declaration.bodies import CorrectDeclaration, LineQuantity, Regime
from hanse_ledger.kinds.declaration.refusals import (
    CORRECTED_TOO_MUCH,
    DECLARATION_DECIDED,
    DECLARATION_UNKNOWN,
    DECLARED_LINE_UNKNOWN,
    LINES_NOT_SORTED,
    MORE_THAN_LODGED,
    NOT_CUSTOMS,
    NOT_RELEASED_BY,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState, DeclaredLine
from hanse_ledger.kinds.ended import ended_count
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.wire.part import Body
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY
from tests.world.departures import after, lose_role
from tests.world.goods import balances, decided, declarations, goods, lodged, part, revoked, state_of, two_lines

M = 1_000_000
CUSTOMS = ("customs-be",)


def less(corridor: Corridor, *quantities: tuple[int, int], release: str = "release") -> CorrectDeclaration:
    """The correction of a release of the import: by how much less, line by line."""
    lines = part(corridor, *quantities).lines or ()
    return replace(corridor.make.sample(CorrectDeclaration), lines=lines, release=corridor.id[release])


def parted() -> Corridor:
    """Of the import 100 pieces and 2 kilograms are released, the rest is not decided."""
    corridor = lodged()
    corridor.submit(part(corridor, (1, 100 * M), (2, 2 * M)), "customs-be", name="release")
    return corridor


def twice() -> Corridor:
    """A second record has released 50 pieces more."""
    corridor = parted()
    corridor.submit(part(corridor, (1, 50 * M)), "customs-be", name="second")
    return corridor


LODGED, PARTED, TWICE, REVOKED, DECIDED = lodged(), parted(), twice(), revoked(), decided()
NO_CUSTOMS = after(parted(), (lose_role, "customs-be"))
NOBODY = bytes(32)
DECLARATION, LINES = "/body/declaration", "/body/lines"
UNSORTED = (LineQuantity(line=1, quantity_micro=1), LineQuantity(line=1, quantity_micro=1))
PART = replace(LODGED.make.release(), lines=UNSORTED)
GONE = replace(PART, declaration=DECIDED.id["import"])
LESS = replace(less(PARTED, (1, M)), lines=UNSORTED)
TWO = ("customs-be", "customs-cn")

REFUSALS = [
    Refused(LODGED, replace(PART, declaration=NOBODY), CUSTOMS, DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, GONE, ("customs-cn",), NOT_CUSTOMS, "/signers"),
    Refused(NO_CUSTOMS, PART, TWO, MEMBER_LACKS_ROLE, "/signers"),
    Refused(DECIDED, GONE, TWO, SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, GONE, CUSTOMS, DECLARATION_DECIDED, DECLARATION),
    Refused(LODGED, part(LODGED, (9, M), (9, M)), CUSTOMS, LINES_NOT_SORTED, LINES),
    Refused(LODGED, part(LODGED, (2, M), (1, M)), CUSTOMS, LINES_NOT_SORTED, LINES),
    Refused(LODGED, part(LODGED, (1, M), (1, M), (2, M)), CUSTOMS, LINES_NOT_SORTED, LINES),
    Refused(LODGED, part(LODGED, (1, M), (4, M)), CUSTOMS, DECLARED_LINE_UNKNOWN, f"{LINES}/1/line"),
    Refused(REVOKED, part(REVOKED, (1, 300 * M + 1)), CUSTOMS, MORE_THAN_LODGED, f"{LINES}/0/quantity_micro"),
    Refused(PARTED, part(PARTED, (1, 200 * M + 1)), CUSTOMS, MORE_THAN_LODGED, f"{LINES}/0/quantity_micro"),
    Refused(REVOKED, part(REVOKED, (1, M)), CUSTOMS, CERTIFICATE_NOT_LIVE, DECLARATION),
    Refused(PARTED, replace(LESS, declaration=NOBODY), CUSTOMS, DECLARATION_UNKNOWN, DECLARATION),
    Refused(PARTED, LESS, ("customs-cn",), NOT_CUSTOMS, "/signers"),
    Refused(PARTED, LESS, ("agent",), NOT_CUSTOMS, "/signers"),
    Refused(NO_CUSTOMS, LESS, TWO, MEMBER_LACKS_ROLE, "/signers"),
    Refused(PARTED, LESS, TWO, SUPERFLUOUS_SIGNER, "/signers"),
    Refused(PARTED, less(PARTED, (4, M), (1, M)), CUSTOMS, LINES_NOT_SORTED, LINES),
    Refused(PARTED, less(PARTED, (4, M)), CUSTOMS, DECLARED_LINE_UNKNOWN, f"{LINES}/0/line"),
    Refused(PARTED, less(PARTED, (3, 10**18)), CUSTOMS, NOT_RELEASED_BY, f"{LINES}/0"),
    Refused(TWICE, less(TWICE, (1, 151 * M)), CUSTOMS, NOT_RELEASED_BY, f"{LINES}/0"),
    Refused(TWICE, less(TWICE, (2, 3 * M), release="second"), CUSTOMS, NOT_RELEASED_BY, f"{LINES}/0"),
    Refused(PARTED, less(PARTED, (1, 100 * M + 1)), CUSTOMS, CORRECTED_TOO_MUCH, f"{LINES}/0/quantity_micro"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def line(corridor: Corridor, number: int) -> DeclaredLine:
    """Give a line of the import as it stands."""
    found = corridor.ledger.objects[corridor.id["import"]]
    assert isinstance(found, Declaration)
    return found.lines[number - 1]


def test_a_part_is_written_off_and_the_rest_stays_reserved() -> None:
    """C-2: lines say what of them is open and released, and by which record last; a line that is not named stays."""
    once, again = parted(), twice()
    assert state_of(once, "import") is DeclarationState.PARTLY_RELEASED
    assert balances(once, "certificate") == [(200 * M, 200 * M, 100 * M), (20 * M, 0, 0)]
    assert balances(once, "for all") == [(500 * M, 0, 0), (15 * M, 3 * M, 2 * M)]
    assert (line(once, 1).open_micro, line(once, 1).released_micro) == (200 * M, 100 * M)
    assert line(once, 1).released_by == once.signed["release"].id
    assert line(once, 3).released_by is None
    assert line(again, 1).released_by == again.signed["second"].id
    assert line(again, 2).released_by == again.signed["release"].id
    assert declarations(once) == 2


@pytest.mark.parametrize(("left", "state"), [(1, DeclarationState.PARTLY_RELEASED), (0, DeclarationState.RELEASED)])
def test_a_part_may_be_all_of_it(left: int, state: DeclarationState) -> None:
    """C-2 with every line to its whole quantity releases it; with the least less, it is still to be decided."""
    corridor = lodged()
    corridor.submit(part(corridor, (1, 300 * M), (2, 5 * M), (3, 10**18 - left)), "customs-be")
    assert state_of(corridor, "import") is state


def test_the_third_line_is_written_off_as_well() -> None:
    """C-2 finds the certificate of each line that is released, wherever it stands."""
    corridor = goods()
    first, _, bare = two_lines(corridor)
    body = replace(corridor.make.declaration(Regime.IMPORT), lines=(bare, bare, first))
    corridor.submit(body, "agent", "buyer", name="import")
    corridor.submit(part(corridor, (3, 100 * M)), "customs-be")
    assert balances(corridor, "certificate")[0] == (200 * M, 200 * M, 100 * M)


def test_what_is_left_is_released_at_once() -> None:
    """C-2 without lines releases all that is not decided; then nothing is left to decide."""
    corridor = twice()
    corridor.release_import()
    assert state_of(corridor, "import") is DeclarationState.RELEASED
    assert balances(corridor, "certificate") == [(200 * M, 0, 300 * M), (20 * M, 0, 0)]
    for body in (corridor.make.release(), corridor.make.declaration_refusal(), corridor.make.withdrawal()):
        error = corridor.refusal(body, "customs-be" if body != corridor.make.withdrawal() else "agent")
        assert error is not None
        assert error.reason is DECLARATION_DECIDED


@pytest.mark.parametrize("ending", ["refusal", "withdrawal", "lapse"])
def test_the_rest_is_given_back_and_the_part_stays(ending: str) -> None:
    """C-3 to C-5 of a declaration of which a part is released: it is cut short and counts on; nobody is counted for."""
    corridor = twice()
    endings: dict[str, tuple[Body, str, int]] = {
        "refusal": (corridor.make.declaration_refusal(), "customs-be", 1),
        "withdrawal": (corridor.make.withdrawal(), "agent", 1),
        "lapse": (corridor.make.lapse(), "seller", 90 * DAY),
    }
    body, signer, wait = endings[ending]
    corridor.submit(body, signer, at=corridor.head.time + wait)
    assert state_of(corridor, "import") is DeclarationState.CUT_SHORT
    assert balances(corridor, "certificate") == [(350 * M, 0, 150 * M), (20 * M, 0, 0)]
    assert balances(corridor, "for all") == [(500 * M, 0, 0), (18 * M, 0, 2 * M)]
    assert declarations(corridor) == 2
    assert ended_count(corridor.ledger, ended_claim(corridor.id["invoice"], corridor.id["buyer"])) == 0


def test_a_correction_lowers_what_was_written_off() -> None:
    """C-9: so much is left on the certificate again; what is open stays open, and is not released by it."""
    corridor = parted()
    corridor.submit(less(corridor, (1, 30 * M), (2, 2 * M)), "customs-be")
    assert state_of(corridor, "import") is DeclarationState.PARTLY_RELEASED
    assert balances(corridor, "certificate") == [(230 * M, 200 * M, 70 * M), (20 * M, 0, 0)]
    assert balances(corridor, "for all") == [(500 * M, 0, 0), (17 * M, 3 * M, 0)]
    assert (line(corridor, 1).open_micro, line(corridor, 1).released_micro) == (200 * M, 70 * M)
    assert line(corridor, 3).released_micro == 0
    corridor.submit(less(corridor, (1, 70 * M)), "customs-be")
    corridor.release_import()
    assert state_of(corridor, "import") is DeclarationState.CUT_SHORT
    assert balances(corridor, "certificate") == [(300 * M, 0, 200 * M), (20 * M, 0, 0)]


def test_a_correction_of_all_leaves_it_cut_short() -> None:
    """C-9 of what was released at once, also after a certificate was revoked: no longer all of it is released."""
    corridor = lodged()
    corridor.submit(corridor.make.release(), "customs-be", name="release")
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    corridor.submit(less(corridor, (1, 300 * M)), "customs-be")
    assert state_of(corridor, "import") is DeclarationState.CUT_SHORT
    assert balances(corridor, "certificate") == [(500 * M, 0, 0), (20 * M, 0, 0)]


def test_an_export_is_released_in_parts_too() -> None:
    """C-2 and C-9 on export: its lines say what is released, and no certificate moves."""
    corridor = lodged()
    before = balances(corridor, "certificate")
    corridor.submit(part(corridor, (1, M), declaration="export"), "customs-cn", name="release")
    assert state_of(corridor, "export") is DeclarationState.PARTLY_RELEASED
    body = replace(less(corridor, (1, M)), declaration=corridor.id["export"])
    corridor.submit(body, "customs-cn")
    assert balances(corridor, "certificate") == before

"""Rules C-6 to C-8: how customs assesses a declaration, asks, and is answered; and what C-5 makes of it."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import AnswerDeclaration, AssessDeclaration, CustomsLane, QueryDeclaration
from hanse_ledger.kinds.declaration.refusals import (
    DECLARATION_DECIDED,
    DECLARATION_UNKNOWN,
    LAPSED_TOO_SOON,
    NOT_CUSTOMS,
    NOT_DECLARANT,
    QUERY_NOT_OPEN,
    QUERY_OPEN,
)
from hanse_ledger.kinds.declaration.state import Assessment, Declaration, OpenQuery
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.office.refusals import OFFICER_WITHOUT_POWER
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED, SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, seed_of
from tests.world.departures import after, lose_role
from tests.world.goods import decided, lodged


def asked() -> Corridor:
    """Customs has asked about the import."""
    corridor = lodged()
    corridor.submit(corridor.make.sample(QueryDeclaration), "customs-be", name="query")
    return corridor


def answered() -> Corridor:
    """It has been answered."""
    corridor = asked()
    corridor.submit(corridor.make.sample(AnswerDeclaration), "agent")
    return corridor


LODGED, ASKED, ANSWERED, DECIDED = lodged(), asked(), answered(), decided()
NO_CUSTOMS = after(decided(), (lose_role, "customs-be"))
NOBODY = bytes(32)
DECLARATION = "/body/declaration"
ASSESS, GONE_ASSESS = LODGED.make.sample(AssessDeclaration), replace(DECIDED.make.sample(AssessDeclaration), reasons=())
QUERY, GONE_QUERY = ASKED.make.sample(QueryDeclaration), replace(DECIDED.make.sample(QueryDeclaration), reasons=())
ANSWER, GONE_ANSWER = ASKED.make.sample(AnswerDeclaration), DECIDED.make.sample(AnswerDeclaration)

REFUSALS = [
    Refused(LODGED, replace(ASSESS, declaration=NOBODY), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, GONE_ASSESS, ("customs-cn",), NOT_CUSTOMS, "/signers"),
    Refused(DECIDED, GONE_ASSESS, ("agent",), NOT_CUSTOMS, "/signers"),
    Refused(NO_CUSTOMS, GONE_ASSESS, ("customs-be", "customs-cn"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(DECIDED, GONE_ASSESS, ("customs-be", "customs-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, GONE_ASSESS, ("customs-be",), DECLARATION_DECIDED, DECLARATION),
    *(
        Refused(LODGED, replace(ASSESS, lane=lane, reasons=()), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons")
        for lane in (CustomsLane.BLUE, CustomsLane.YELLOW, CustomsLane.RED)
    ),
    Refused(LODGED, replace(ASSESS, reasons=("B", "A")), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(
        LODGED,
        replace(ASSESS, lane=CustomsLane.GREEN, reasons=("A", "A")),
        ("customs-be",),
        REASONS_NOT_SORTED,
        "/body/reasons",
    ),
    Refused(ASKED, replace(QUERY, declaration=ASKED.id["invoice"]), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, GONE_QUERY, ("customs-cn",), NOT_CUSTOMS, "/signers"),
    Refused(NO_CUSTOMS, GONE_QUERY, ("customs-be", "market"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(DECIDED, GONE_QUERY, ("customs-be", "market"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, GONE_QUERY, ("customs-be",), DECLARATION_DECIDED, DECLARATION),
    Refused(ASKED, replace(QUERY, reasons=()), ("customs-be",), QUERY_OPEN, DECLARATION),
    Refused(ANSWERED, replace(QUERY, reasons=()), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(LODGED, replace(QUERY, reasons=("B", "A")), ("customs-be",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(ASKED, replace(ANSWER, declaration=NOBODY), ("market",), DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, GONE_ANSWER, ("seller",), NOT_DECLARANT, "/signers"),
    Refused(DECIDED, GONE_ANSWER, ("customs-be",), NOT_DECLARANT, "/signers"),
    Refused(DECIDED, GONE_ANSWER, ("agent", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, GONE_ANSWER, ("agent",), DECLARATION_DECIDED, DECLARATION),
    Refused(LODGED, LODGED.make.sample(AnswerDeclaration), ("agent",), QUERY_NOT_OPEN, "/body/query"),
    Refused(ANSWERED, ANSWER, ("agent",), QUERY_NOT_OPEN, "/body/query"),
    Refused(ASKED, replace(ANSWER, query=NOBODY), ("buyer",), QUERY_NOT_OPEN, "/body/query"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def declaration(corridor: Corridor, name: str = "import") -> Declaration:
    """Give a declaration as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Declaration)
    return found


def test_the_last_assessment_counts() -> None:
    """C-6 keeps lane, reasons and profile, and when the office was heard; nothing else changes."""
    corridor = lodged()
    before = declaration(corridor)
    assert before.assessment is None
    corridor.submit(corridor.make.sample(AssessDeclaration), "customs-be", name="assessed")
    green = replace(corridor.make.sample(AssessDeclaration), lane=CustomsLane.GREEN, profile=None, reasons=())
    first = declaration(corridor).assessment
    assert first == Assessment(lane=CustomsLane.YELLOW, profile=seed_of("risk profile"), reasons=("ORIGIN",))
    corridor.submit(green, "customs-be", name="again")
    assert declaration(corridor) == replace(
        before,
        assessment=Assessment(lane=CustomsLane.GREEN, profile=None, reasons=()),
        history=before.history.after(corridor.signed["assessed"].id).after(corridor.signed["again"].id),
        status=replace(before.status, heard=corridor.head.time),
    )


def test_a_question_is_open_until_it_is_answered() -> None:
    """C-7 opens it, in codes, with the hash of a letter; C-8 ends it, by the declarant or its principal."""
    query = ASKED.signed["query"]
    assert declaration(ASKED).query == OpenQuery(asked=("PACKING-LIST",), document=seed_of("letter"), record=query.id)
    assert declaration(ASKED).status.heard == ASKED.head.time
    assert declaration(ANSWERED).query is None
    assert declaration(ANSWERED).status.heard == ASKED.head.time
    assert ASKED.refusal(ANSWER, "buyer") is None
    assert ASKED.refusal(replace(ANSWER, document=None), "agent") is None
    assert ANSWERED.refusal(QUERY, "customs-be") is None


def test_customs_decides_without_an_answer() -> None:
    """Whoever does not answer holds nobody up: release and refusal ask for no answer."""
    assert ASKED.refusal(ASKED.make.release(), "customs-be") is None
    assert ASKED.refusal(ASKED.make.declaration_refusal(), "customs-be") is None
    assert ASKED.refusal(ASKED.make.withdrawal(), "agent") is None


@pytest.mark.parametrize("kind", [AssessDeclaration, QueryDeclaration])
def test_ninety_days_count_from_the_last_word_of_the_office(kind: type[AssessDeclaration | QueryDeclaration]) -> None:
    """C-5: what the office records of a declaration gives it ninety days more; an answer gives nothing."""
    corridor = lodged()
    at = corridor.head.time + 80 * DAY
    corridor.submit(corridor.make.sample(kind), "customs-be", name="query", at=at)
    if kind is QueryDeclaration:
        corridor.submit(corridor.make.sample(AnswerDeclaration), "agent", at=at + DAY)
    error = corridor.refusal(corridor.make.lapse(), "seller", at=at + 90 * DAY - 1)
    assert error is not None
    assert error.reason is LAPSED_TOO_SOON
    for days in (90, 91):
        assert corridor.refusal(corridor.make.lapse(), "seller", at=at + days * DAY) is None


def test_officers_who_decide_sign_for_customs() -> None:
    """F-5: assessing and asking need the power to decide, and no other one will do."""
    corridor = lodged()
    corridor.open_office()
    corridor.submit(corridor.make.appointment("settler", Power.SETTLE), "customs-be", "settler")
    for body in (corridor.make.sample(AssessDeclaration), corridor.make.sample(QueryDeclaration)):
        assert corridor.refusal(body, "first officer") is None
        error = corridor.refusal(body, "settler")
        assert error is not None
        assert error.reason is OFFICER_WITHOUT_POWER

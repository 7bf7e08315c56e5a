"""How a certificate's balances move: each move has its office, its time, what was used before, and what after."""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.balances import MovedBy, give_back, lower_write_off, reserve, write_off
from hanse_ledger.kinds.certificate.state import Balance, Certificate, Move
from hanse_ledger.kinds.declaration.bodies import Regime
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY
from tests.world.entries import bodies_of

PIECES = 300_000_000


def lodged() -> Corridor:
    """An import of 300 of the 500 pieces certified, to be decided by customs-be."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_import()
    return corridor


def certificate_of(corridor: Corridor) -> Certificate:
    """Give the certificate as it stands."""
    found = corridor.ledger.objects[corridor.id["certificate"]]
    assert isinstance(found, Certificate)
    return found


def pieces_of(corridor: Corridor) -> Balance:
    """Give the balance of its first line."""
    return certificate_of(corridor).balances[0]


def last_move(corridor: Corridor, reserved_before: int, written_off_before: int) -> Move:
    """Say what the newest record has moved, at customs-be."""
    return Move(
        at=corridor.head.time,
        office="customs-be",
        record=list(bodies_of(corridor.entries))[-1][0],
        reserved_before_micro=reserved_before,
        written_off_before_micro=written_off_before,
    )


def test_nothing_has_moved_a_new_balance() -> None:
    """A certificate of which nothing was drawn has no move, and an export makes none: it only checks."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_export()
    assert [balance.moved for balance in certificate_of(corridor).balances] == [None, None]


def test_each_move_says_office_time_and_before() -> None:
    """C-1 reserves, C-2 writes off; the line that was not declared has not moved."""
    corridor = lodged()
    assert pieces_of(corridor).moved == last_move(corridor, 0, 0)
    assert (pieces_of(corridor).reserved_micro, pieces_of(corridor).written_off_micro) == (PIECES, 0)
    corridor.release_import()
    assert pieces_of(corridor).moved == last_move(corridor, PIECES, 0)
    assert (pieces_of(corridor).reserved_micro, pieces_of(corridor).written_off_micro) == (0, PIECES)
    assert certificate_of(corridor).balances[1].moved is None


def test_what_is_given_back_is_a_move_at_the_office_that_was_asked() -> None:
    """C-3, C-4, C-5: whoever ends a declaration, the balance moved at the customs authority to which it was lodged."""
    for end in ("refuse", "withdraw", "lapse"):
        corridor = lodged()
        if end == "refuse":
            corridor.submit(corridor.make.declaration_refusal(), "customs-be")
        elif end == "withdraw":
            corridor.submit(corridor.make.withdrawal(), "agent")
        else:
            corridor.submit(corridor.make.lapse(), "seller", at=corridor.head.time + 90 * DAY)
        assert pieces_of(corridor).moved == last_move(corridor, PIECES, 0), end
        assert pieces_of(corridor).reserved_micro == 0


def test_one_record_is_one_move() -> None:
    """Of lines of one declaration that draw on one balance, what was used before is that before the record."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    body = corridor.make.declaration(Regime.IMPORT, 1_000_000)
    corridor.submit(replace(body, lines=body.lines * 3), "agent", "buyer", name="import")
    assert (pieces_of(corridor).reserved_micro, pieces_of(corridor).moved) == (3_000_000, last_move(corridor, 0, 0))


def test_what_was_written_off_may_be_lowered() -> None:
    """What a correction takes off a write-off is left again; what was reserved stays so."""
    corridor = lodged()
    first = MovedBy(at=1, office="customs-be", record=b"1" * 32)
    second = MovedBy(at=2, office="customs-be", record=b"2" * 32)
    certificate = write_off(reserve(certificate_of(corridor), 1, 50, first), 1, 20, first)
    lowered = lower_write_off(certificate, 1, 5, second).balances[0]
    assert (lowered.reserved_micro, lowered.written_off_micro) == (PIECES + 30, 15)
    assert lowered.moved == Move(
        at=2, office="customs-be", record=b"2" * 32, reserved_before_micro=PIECES + 30, written_off_before_micro=20
    )
    assert give_back(certificate, 1, 30, second).balances[0].reserved_micro == PIECES


def test_each_line_has_its_own_balance() -> None:
    """Lines are counted from 1, and what is drawn on the third moves the third alone."""
    certificate = certificate_of(lodged())
    shirts, tea = certificate.balances
    three = replace(certificate, balances=(shirts, tea, shirts))
    first, second, third = reserve(three, 3, 50, MovedBy(at=1, office="customs-be", record=b"1" * 32)).balances
    assert (first, second, third.reserved_micro) == (shirts, tea, PIECES + 50)

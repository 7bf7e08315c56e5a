"""Two hundred consignments with a planted error, two hundred without: the first are all found, of the others none."""

import pytest

from hanse_documents.checks import Agreement, ComparedSet, Finding, Weight, compare_set, disagrees
from tests.unit.documents.trade.consignments import PLANTS, Consignment, clean, planted

HOW_MANY = 200


def findings(trade: Consignment) -> tuple[Finding, ...]:
    """Compare the documents of a consignment."""
    return compare_set(
        ComparedSet(
            invoices=trade.invoices,
            certificates=trade.certificates,
            transports=trade.transports,
            declarations=trade.declarations,
            payments=trade.payments,
        )
    )


def blocking(trade: Consignment) -> list[str]:
    """List the differences that block, as a reader would see them."""
    return [
        f"{each.check} {each.left_field} {each.left_value}; {each.right_field} {each.right_value}"
        for each in findings(trade)
        if each.outcome is Agreement.DIFFERS and each.weight is Weight.BLOCK
    ]


def test_nothing_blocks_a_clean_consignment() -> None:
    """Names spelt in many ways, tonnes for kilograms, lines in another order: 200 trades, and no false alarm."""
    assert {trade.seed: found for trade in map(clean, range(HOW_MANY)) if (found := blocking(trade))} == {}


def test_every_planted_error_blocks() -> None:
    """200 trades with one error each, of 23 kinds: every one is found."""
    assert [
        f"{trade.seed}: {trade.planted}" for trade in map(planted, range(HOW_MANY)) if not disagrees(findings(trade))
    ] == []


@pytest.mark.parametrize("place", range(len(PLANTS)))
def test_each_kind_of_error_is_planted(place: int) -> None:
    """What is planted changes the documents: the generator tells no error where it made none."""
    trade, bare = planted(place), clean(place)
    assert trade.planted == tuple(PLANTS)[place]
    assert (trade.invoices, trade.certificates, trade.declarations, trade.payments) != (
        bare.invoices,
        bare.certificates,
        bare.declarations,
        bare.payments,
    )

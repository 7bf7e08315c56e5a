"""Terms of the documents of several steps of one bundle are shown together, whichever is named first."""

from collections.abc import Callable, Iterator

import pytest

from hanse_client import Client, SignaturesMissing
from hanse_client.base.views import Receipt
from hanse_client.home.drafts import Draft
from hanse_ledger.kinds.object import created_id
from hanse_ledger.values.verdict import Verdict
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import INVOICE, World
from tests.world.typed.desk import make_node_here, node_here
from tests.world.typed.papers import credit_note_paper


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("terms")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


def drafted(call: Callable[[], Receipt]) -> Draft:
    """Have a record drafted that somebody else signs too."""
    with pytest.raises(SignaturesMissing) as caught:
        call()
    return caught.value.draft


def bundled(world: World, calls: Callable[[Client], list[Callable[[], Receipt]]]) -> bytes:
    """Put records of the seller, and the buyer's acceptance of an invoice, into one bundle; give its id."""
    asked = world.issue().object_id
    with world.client("seller") as seller, world.client("buyer") as buyer:
        seller.sign_as(countersigners=[world.buyer.public_key])
        steps = [drafted(call) for call in calls(seller)]
        buyer.sign_as(countersigners=[world.seller.public_key])
        steps.append(drafted(lambda: buyer.submit(world.acceptance(asked))))
        both = seller.bundles.prepare(steps)
        buyer.sign_as()
        return buyer.submit_draft(both).record_id


def shown(world: World, about: list[bytes], named: list[bytes], terms: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Make and check a proof that shows terms of what is named, in this order."""
    with world.client("seller") as seller:
        data = seller.proof(*about, disclose={name: list(terms) for name in named})
        report = seller.verify(data)
    assert report.verdict in {Verdict.VALID, Verdict.VALID_WITH_WARNINGS}, report.detail
    return [(term.name, term.value) for term in report.terms]


def test_terms_of_two_steps_are_shown_in_either_order(world: World) -> None:
    """Two invoices that one bundle has registered; the file has them in the order of the steps."""
    paper, others = INVOICE.read_bytes(), INVOICE.read_bytes().replace(b"QW-2026-0917", b"QW-2026-0918")
    record = bundled(
        world,
        lambda seller: [
            lambda: seller.invoices.issue(paper, buyer=world.buyer_id, again=True),
            lambda: seller.invoices.issue(others, buyer=world.buyer_id, again=True),
        ],
    )
    one, two = created_id(record, 0), created_id(record, 1)
    wanted = [("BT-1", "QW-2026-0917"), ("BT-5", "EUR"), ("BT-1", "QW-2026-0918"), ("BT-5", "EUR")]
    for named in ([one, two], [two, one]):
        assert shown(world, [one, two], named, ("BT-5", "BT-1")) == wanted
        assert shown(world, named, named, ("BT-5", "BT-1")) == wanted


def test_credit_notes_in_a_bundle_are_opened_by_their_steps(world: World) -> None:
    """What a credit note is about has an opening of its own: the notes' lie under the ids of their steps."""
    invoice = world.issue().object_id
    notes = [credit_note_paper(number, "10.00", "5140.00").encode() for number in ("CN-1", "CN-2")]
    record = bundled(
        world,
        lambda seller: [
            lambda: seller.invoices.credit(invoice, notes[0]),
            lambda: seller.invoices.credit(invoice, notes[1]),
        ],
    )
    one, two = created_id(record, 0), created_id(record, 1)
    for named in ([one, two], [two, one]):
        assert shown(world, [invoice], named, ("BT-1",)) == [("BT-1", "CN-1"), ("BT-1", "CN-2")]

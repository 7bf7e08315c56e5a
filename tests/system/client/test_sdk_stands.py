"""What stands is told: after the point of no return nothing but an alarm turns success into failure."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hanse_client import Client, Identity, Receipt
from hanse_client.base.clock import MINUTE_MS, now_ms
from hanse_client.base.errors import HanseError, NodeUnreachable, SetupError, StaleHead
from hanse_client.base.views import Outcome
from hanse_client.resources.members import no_change, set_keys
from hanse_ledger.kinds.invoice.bodies import CancelInvoice
from hanse_ledger.values.limits import BATCH_RECORDS
from hanse_ledger.wire.membership import Change, Membership
from tests.tables.tampering import Proxy, proxy
from tests.world.sdk_node import YEAR_MS, NodeCorridor, running_node
from tests.world.sdk_world import CERTIFICATE, INVOICE, TERMS, World

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with running_node(corridor.make_node(folder / "node")) as url:
        yield World(url, corridor, folder / "home")


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Give a proxy before the node."""
    with proxy(world.url) as server:
        yield server


@pytest.fixture
def home(world: World, tmp_path: Path) -> Path:
    """Give a copy of the home folder, in which nothing was registered yet."""
    shutil.copytree(world.home, tmp_path / "home")
    shutil.rmtree(tmp_path / "home" / "registered", ignore_errors=True)
    return tmp_path / "home"


def barred(folder: Path) -> None:
    """Make a folder one that nobody can write into, root neither: a file stands in its place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("no folder")


def codes(receipt: Receipt) -> list[str]:
    """Give the codes of a receipt's warnings."""
    return [warning.code for warning in receipt.warnings]


def issued(world: World) -> list[str]:
    """Name the records of the seller's party, newest first: those that name it too."""
    with world.client(None) as reader:
        return [record.id.hex() for record in reader.records(world.seller_id)]


def stands(world: World, receipt: Receipt) -> bool:
    """Tell whether a record stands where its receipt says, by another client's word."""
    with world.client(None) as reader:
        return reader.record(receipt.record_id).position == receipt.position


def test_a_fast_clock_costs_no_receipt(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen minutes ahead: the id and the place are told, with a warning; reading is refused, and says why."""
    for module in ("session", "submitting", "registering", "reading"):
        monkeypatch.setattr(f"hanse_client.exchange.{module}.now_ms", lambda: now_ms() + 15 * MINUTE_MS)
    with world.client("seller", home=home) as seller:
        receipt = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        again = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        with pytest.raises(StaleHead, match="Check the clock of this machine"):
            seller.show(receipt.object_id)
    assert codes(receipt) == ["clock-differs"]
    assert "clock of this machine" in receipt.warnings[0].text()
    assert (again.object_id, again.position) == (receipt.object_id, receipt.position)
    assert codes(again) == ["registered-already", "clock-differs", "state-unknown"]
    monkeypatch.undo()
    assert stands(world, receipt)


@pytest.mark.parametrize("why", ["no folder", "no room"])
def test_a_head_that_cannot_be_kept_costs_no_receipt(
    world: World, home: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt is given with a warning, and so is what is read; within the program a rollback is still seen."""
    heads = home / "heads"
    if why == "no folder":
        barred(heads)
    else:
        monkeypatch.setattr("hanse_client.home.headfiles.write_whole", full)
    with world.client("seller", home=home) as seller:
        receipt = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        assert codes(receipt) == ["head-not-kept"]
        assert seller.show(receipt.object_id).state == "issued"
        assert seller.verify(seller.proof(receipt.object_id, disclose=["BT-1"])).terms
        assert [warning.code for warning in seller.warnings] == ["head-not-kept"]
    assert stands(world, receipt)


def full(path: Path, data: bytes, *, replace: bool = True, flush: bool = True) -> None:
    """Fail as a full disk does."""
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("folder", ["openings", "registered"])
def test_what_must_be_kept_is_kept_before_anything_is_sent(world: World, home: Path, folder: str) -> None:
    """Where the opening, or what was sent, cannot be kept, nothing is sent."""
    barred(home / folder)
    before = issued(world)
    with world.client("seller", home=home) as seller, pytest.raises(SetupError, match="Nothing was sent"):
        seller.invoices.issue(INVOICE, buyer=world.buyer_id)
    assert issued(world) == before


def test_a_party_that_cannot_be_noted_is_enrolled(world: World, home: Path) -> None:
    """The enrolment stands, with a warning that the home folder does not know it."""
    barred(home / "parties")
    with world.client("market", home=home) as market:
        receipt = market.parties.enrol(Identity.generate("new"), roles=["seller"], terms=TERMS)
    assert codes(receipt) == ["party-not-noted"]
    assert stands(world, receipt)


def test_another_node_s_nonsense_costs_no_receipt(world: World, home: Path, liar: Proxy) -> None:
    """A second node that answers with anything but a head is a warning."""
    liar.change = lambda path, body: b"nonsense" if path.startswith("/log/checkpoint") else body
    with Client(
        [world.url, liar.url], identity=world.seller, trust=world.corridor.trust, home=home, quorum=1
    ) as seller:
        receipt = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
    assert codes(receipt) == ["other-node"]
    assert stands(world, receipt)


def test_a_file_stands_once_unless_asked_for(world: World, home: Path) -> None:
    """The same file again gives what stands, and where; `again` registers it once more; what is over is no obstacle."""
    with world.client("seller", home=home) as seller:
        first = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        second = seller.invoices.issue(INVOICE.read_bytes(), buyer=world.buyer_id)
        assert (first.outcome, second.outcome) == (Outcome.CREATED, Outcome.EXISTS)
        assert (second.object_id, second.position, second.time_ms) == (first.object_id, first.position, first.time_ms)
        assert codes(second) == ["registered-already"]
        assert first.object_id.hex() in second.warnings[0].message
        assert f"position {first.position}" in second.warnings[0].message
        third = seller.invoices.issue(INVOICE, buyer=world.buyer_id, again=True)
        assert (third.outcome, codes(third)) == (Outcome.CREATED, [])
        assert seller.invoices.issue(INVOICE, buyer=world.buyer_id).object_id == third.object_id
        seller.invoices.cancel(third.object_id)
        assert seller.invoices.issue(INVOICE, buyer=world.buyer_id).object_id == first.object_id
        seller.invoices.cancel(first.object_id)
        fourth = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        assert (fourth.outcome, codes(fourth)) == (Outcome.CREATED, [])
        assert seller.verify(seller.proof(fourth.object_id, disclose=["BT-1"])).terms
    with world.client("seller", home=home.parent / "elsewhere") as stranger:
        assert stranger.invoices.issue(INVOICE, buyer=world.buyer_id, seller=world.seller_id).outcome == Outcome.CREATED


def test_a_certificate_stands_once_too(world: World, home: Path) -> None:
    """An issuer's file as well."""
    with world.client("chamber", home=home) as chamber:
        first, second = (chamber.certificates.issue(CERTIFICATE, exporter=world.seller_id) for _ in range(2))
        assert (second.object_id, codes(second)) == (first.object_id, ["registered-already"])
        chamber.certificates.revoke(first.object_id, "issued-in-error")
        assert chamber.certificates.issue(CERTIFICATE, exporter=world.seller_id).object_id != first.object_id


def test_trying_again_after_an_unclear_failure_is_safe(world: World, home: Path, liar: Proxy) -> None:
    """An answer that does not come leaves a record that stands or not: the next attempt finds out."""
    liar.statuses["/v1/records"] = 503
    with world.client("seller", url=liar.url, home=home) as seller:
        with pytest.raises(NodeUnreachable):
            seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        liar.statuses.clear()
        before = issued(world)
        receipt = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        assert codes(receipt) == ["registered-already"]
        assert seller.verify(seller.proof(receipt.object_id, disclose=["BT-1"])).terms
    assert issued(world) == before


def test_what_was_never_sent_is_sent_as_it_was_kept(world: World, home: Path) -> None:
    """A crash between keeping and sending leaves an envelope, which the next attempt sends: the same id, and once."""
    with world.client("seller", url="http://127.0.0.1:9", home=home) as seller, pytest.raises(NodeUnreachable):
        seller.invoices.issue(INVOICE, buyer=world.buyer_id)
    kept = max((home / "openings").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    with world.client("seller", home=home) as seller:
        receipt = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
    assert (receipt.outcome, receipt.object_id.hex(), codes(receipt)) == (Outcome.CREATED, kept.stem, [])


def test_what_was_answered_of_many_is_told(world: World, home: Path, liar: Proxy) -> None:
    """Where a later batch fails, the receipts of those before are with the error."""
    with world.client("seller", url=liar.url, home=home) as seller:
        once = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        drafts = [seller.draft(CancelInvoice(invoice=once.object_id)) for _ in range(BATCH_RECORDS + 1)]
        count = len(liar.asked)

        def fail_late(path: str, body: bytes) -> bytes:
            posts = [line for line in liar.asked[count:] if line.startswith("POST")]
            if len(posts) * 200 < BATCH_RECORDS:
                return body
            liar.statuses["/v1/records"] = 503
            return b""  # what a refusal says is far shorter than a batch's results

        liar.change = fail_late
        with pytest.raises(NodeUnreachable) as caught:
            seller.submit_drafts(drafts)
        answers = caught.value.answers
        assert len(answers) == len(drafts)
        assert answers[0] is not None
        assert answers[-1] is None


def test_what_is_said_again_is_sent_as_it_was(world: World, home: Path, liar: Proxy) -> None:
    """Answers that do not come leave records that may stand: the same call sends the same record, of every kind."""
    new = Identity.generate("new")
    fresh = Identity.generate("fresh")
    with world.client("market", url=liar.url, home=home) as market:
        market.parties.enrol(fresh, roles=["buyer"], terms=TERMS)

    def enrol(client: Client) -> Receipt:
        return client.parties.enrol(new, roles=["buyer"], terms=TERMS)

    def rotate(client: Client) -> Receipt:
        return client.keys.rotate(new_key)

    def propose(client: Client) -> Receipt:
        members = client.members.present().membership
        keys = [each.public_key for each in (world.corridor.spares["bank-a"], Identity.generate("third"))]
        return client.members.propose(change_of(members, keys))

    new_key = Identity.generate("rotated")
    kept: dict[str, list[bytes]] = {}

    def change_of(members: Membership, keys: list[bytes]) -> Change:
        keys = kept.setdefault("keys", keys)
        return set_keys(no_change(), members, "bank-a", keys, now_ms() + YEAR_MS)

    for who, call in (("market", enrol), (fresh, rotate), ("bank-a", propose)):
        liar.statuses["/v1/records"] = 503
        with world.client(who, url=liar.url, home=home) as client:
            with pytest.raises(NodeUnreachable):
                call(client)
            (sent,) = client.unsettled
            assert (sent.repeatable, sent.position) == (True, None)
            liar.statuses.clear()
            receipt = call(client)
            assert (receipt.record_id, receipt.outcome) == (sent.record_id, Outcome.EXISTS)
            assert codes(receipt) == ["sent-again"]
            assert client.unsettled == ()
    assert list((home / "unsettled").iterdir()) == []


def test_two_who_say_the_same_at_once_mean_two(world: World, home: Path) -> None:
    """Nothing is unsettled while it is under way: calls beside each other make a record each."""
    invoice = world.issue().object_id

    def instruct(client: Client) -> Receipt:
        return client.payments.instruct(payer_bank="bank-b", payee_bank="bank-a", allocations={invoice: 100})

    with world.client("buyer", home=home) as buyer, ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda _: instruct(buyer), range(4)))
        assert buyer.unsettled == ()
    assert len({receipt.record_id for receipt in receipts}) == 4
    assert [codes(receipt) for receipt in receipts] == [[]] * 4
    assert list((home / "unsettled").iterdir()) == []


def test_an_expired_record_gives_way(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was never written, and can be no more, is forgotten: what is said now is another record."""
    invoice = world.issue().object_id

    def instruct(buyer: Client) -> Receipt:
        return buyer.payments.instruct(
            payer_bank="bank-b", payee_bank="bank-a", allocations={invoice: 100}, currency="EUR", payee=world.seller_id
        )

    monkeypatch.setattr("hanse_client.exchange.submitting.now_ms", lambda: now_ms() - 2 * 60 * MINUTE_MS)
    with proxy(world.url) as away, world.client("buyer", url=away.url, home=home) as buyer:
        buyer.head()

        def last(path: str, body: bytes) -> bytes:
            if path.startswith("/v1/proof"):
                away.node = away.node._replace(netloc="127.0.0.1:9")  # from here on nobody is behind it
            return body

        away.change = last
        with pytest.raises(HanseError):
            instruct(buyer)
    (kept,) = (home / "unsettled").iterdir()
    monkeypatch.undo()
    with world.client("buyer", home=home) as buyer:
        receipt = instruct(buyer)
    assert (receipt.outcome, codes(receipt)) == (Outcome.CREATED, [])
    assert not kept.exists()

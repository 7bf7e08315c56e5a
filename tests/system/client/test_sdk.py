"""The SDK against a real node in a process of its own: the story of a trade, and what every caller relies on."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import anyio
import msgspec
import pytest

from hanse_client import AsyncClient, Client, Draft, Identity, Receipt, Refusal, Verdict
from hanse_client.base.errors import (
    BadAnswer,
    DocumentError,
    HanseError,
    IdentityError,
    InvalidInput,
    LedgerChanged,
    NodeUnreachable,
    NotFound,
    Refused,
    RollbackDetected,
)
from hanse_client.base.views import Outcome
from hanse_client.verify.offline import verify_file
from hanse_documents.samples import certificate_in_force
from hanse_ledger.kinds.declaration.bodies import DeclarationLine
from hanse_ledger.kinds.invoice.bodies import CancelInvoice, IssueInvoice
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.values.moments import moment_words
from tests.tables.tampering import Proxy, proxy
from tests.world.sdk_node import ConsortiumCorridor, NodeCorridor, now_ms, running_node
from tests.world.sdk_world import CAMT, CERTIFICATE, DAY_MS, INVOICE, PACS, TERMS, World

pytestmark = pytest.mark.system


@pytest.fixture(scope="module", params=["embedded", "consortium"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], Path]
) -> Iterator[World]:
    """Run one node for the tests of this file, and then a consortium's four: nobody should notice."""
    folder = tmp_path_factory.mktemp("world")
    if request.param == "consortium":
        program = require_tool("cometbft")
        several = ConsortiumCorridor(folder / "nodes")
        with several.running(program) as urls:
            yield World(urls["market"], several, folder / "home")
        return
    corridor = NodeCorridor()
    with running_node(corridor.make_node(folder / "node")) as url:
        yield World(url, corridor, folder / "home")


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Give a proxy before the node."""
    with proxy(world.url) as server:
        yield server


def test_a_whole_trade(world: World) -> None:
    """From invoice to confirmed payment; the proof discloses two terms and is valid offline."""
    seller, buyer = world.client("seller"), world.client("buyer")
    with seller, buyer, world.client("chamber") as chamber, world.client("customs") as customs:
        invoice = seller.invoices.issue(INVOICE, buyer=world.buyer_id, again=True)
        buyer.invoices.accept(invoice.id)
        days = [moment_words(now_ms() + past * DAY_MS)[:10] for past in (-1, 2)]
        certificate = chamber.certificates.issue(certificate_in_force(*days), exporter=world.seller_id)
        declared = buyer.declarations.lodge(
            customs="customs", regime="import", invoices=[invoice.id], certificate=certificate.id
        )
        customs.declarations.release(declared.id.hex())
        paid = buyer.payments.instruct(
            PACS, payer_bank="bank-a", payee_bank="bank-b", allocations={invoice.id: 515_000}
        )
        with world.client("bank-b") as bank:
            bank.payments.confirm(paid.id, CAMT)
        amounts = seller.invoices.show(invoice.id).amounts
        assert (amounts.settled_minor, amounts.under_way_minor) == (515_000, 0)
        balances = seller.certificates.show(certificate.id).balances
        assert all(line.available_micro == 0 for line in balances)
        # Each has its own opening; all share one home folder here.
        proof = seller.proof(
            invoice.id,
            certificate.id,
            paid.id,
            disclose={
                invoice.id: ["BT-2", "BT-1", "BT-113"],
                certificate.id: ["lines/1/hs_code", "valid_until"],
                paid.id: ["amount_minor"],
            },
        )
        assert seller.verify(proof).verdict is Verdict.VALID
    report = verify_file(proof, world.corridor.trust, now_ms())
    assert [subject.state for subject in report.subjects] == ["accepted", "live", "confirmed"]
    assert {(term.name, term.value, term.field) for term in report.terms} == {
        ("BT-1", "QW-2026-0917", None),
        ("BT-113", None, None),
        ("BT-2", "2026-09-17", "/issued"),
        ("amount_minor", "515000", "/credited_minor"),
        ("lines/1/hs_code", "691110", "/lines/0/hs_code"),
        ("valid_until", f"{days[1]}T23:59:59Z", "/valid_until"),
    }


def test_a_refusal_says_who_can_act(world: World) -> None:
    """A refused record names the rule, the field, what was seen and what to do; nothing has changed."""
    invoice = world.issue()
    with world.client("seller") as seller, pytest.raises(Refused) as caught:
        seller.invoices.accept(invoice.id)
    refused = caught.value
    assert (refused.code, refused.rule, refused.pointer) == ("not-buyer", "I-2", "/signers")
    assert refused.wanted == world.buyer_id.hex()
    assert refused.suggested_action in str(refused)
    with world.client("buyer") as buyer:
        buyer.invoices.refuse(invoice.id, ["WRONG-PRICE", "LATE"])
        assert buyer.invoices.show(invoice.id).state == "refused"


def test_the_same_draft_twice_stands_once(world: World) -> None:
    """A record that is sent again is answered with the same place."""
    invoice = world.issue()
    with world.client("buyer") as buyer:
        draft = buyer.draft(world.acceptance(invoice.id))
        first, second = buyer.submit_draft(draft), buyer.submit_draft(draft)
    assert (first.outcome, second.outcome) == (Outcome.CREATED, Outcome.EXISTS)
    assert (first.record_id, first.position, first.time_ms) == (second.record_id, second.position, second.time_ms)


def test_an_enrolment_is_prepared_here_and_countersigned_there(world: World, tmp_path: Path) -> None:
    """A party prepares its enrolment, a member countersigns it elsewhere, and the party's terms stay with the party."""
    carrier = Identity.generate("carrier")
    with world.client(carrier, home=tmp_path) as party:
        draft = party.parties.prepare(member="market", roles=["agent"], terms=TERMS)
        with pytest.raises(IdentityError, match="missing"):
            party.submit_draft(draft)
        with world.client("market") as market:
            receipt = market.submit_draft(Draft.from_json(draft.to_json()))
        assert receipt.id == draft.object_id
        assert verify_file(party.proof(receipt.id, disclose=["lei"]), world.corridor.trust, now_ms()).terms[0].value
    with world.client("market") as market, pytest.raises(InvalidInput, match="where the document was issued"):
        market.proof(receipt.id, disclose=["lei"])
    with world.client(carrier, home=tmp_path / "new") as party, pytest.raises(IdentityError, match="adopt"):
        party.payments.instruct(
            payer_bank="bank-a",
            payee_bank="bank-b",
            allocations={receipt.id: 1},
            payee=world.seller_id,
            currency="EUR",
        )
    with world.client(carrier, home=tmp_path / "new") as party:
        assert party.parties.adopt(receipt.id).id == receipt.id
        with pytest.raises(IdentityError, match="is not the present key"):
            party.parties.adopt(world.buyer_id)


def test_an_agent_declares_and_its_principal_countersigns(world: World, tmp_path: Path) -> None:
    """An agent's declaration stands with the principal's signature beside its own; without it the rules refuse it."""
    invoice, identity = world.issue(), Identity.generate("agent")
    goods = DeclarationLine(
        certificate=None, hs_code="691110", origin="CN", quantity_micro=1_000_000, source=None, unit="C62"
    )
    with world.client("market", home=tmp_path) as market:
        market.parties.enrol(identity, roles=["agent"], terms=TERMS)
    with world.client(identity, home=tmp_path) as agent:
        lodge = partial(
            agent.declarations.lodge,
            customs="customs",
            regime="export",
            invoices=[invoice.id],
            lines=[goods],
            principal=world.seller_id,
        )
        with pytest.raises(Refused) as caught:
            lodge()
        assert (caught.value.code, caught.value.wanted) == ("not-principal", world.seller_id.hex())
        receipt = lodge(countersign=[world.seller])
        assert agent.record(receipt.record_id).signers == (identity.public_key, world.seller.public_key)


def test_keys_rotate_and_are_revoked(world: World, tmp_path: Path) -> None:
    """After a rotation the new key signs and the old one is refused; a revoked key is refused for good."""
    old, new = Identity.generate("old"), Identity.generate("new")
    with world.client("market", home=tmp_path) as market:
        party = market.parties.enrol(old, roles=["seller"], terms=TERMS).id
    with world.client(old, home=tmp_path) as client:
        client.keys.rotate(new)
        with pytest.raises(Refused) as caught:
            client.invoices.issue(INVOICE, buyer=world.buyer_id, again=True)
        assert caught.value.code == "signer-key-superseded"
    with world.client(new, home=tmp_path) as client:
        client.invoices.issue(INVOICE, buyer=world.buyer_id, again=True)
        client.keys.revoke(new.public_key.hex(), KeyRevocation.SUPERSEDED)
        assert client.parties.show(party).state == "key revoked"
        kinds = [record.kind for record in client.parties.records(party)]
        assert kinds == ["key.revoke", "invoice.issue", "key.rotate", "party.enrol"]


def test_a_long_history_is_walked_in_pages(world: World) -> None:
    """More records than a page holds come newest first, each proven, none left out."""
    invoice = world.issue()
    with world.client("seller") as seller:
        body = seller.record(invoice.record_id).record.body
        answers = seller.submit_many([body] * 450)
        assert all(isinstance(answer, Receipt) for answer in answers)
        records = list(seller.parties.records(world.seller_id))
        assert [record.sequence for record in records] == list(range(len(records)))[::-1]
        assert {answer.record_id for answer in answers if isinstance(answer, Receipt)} <= {one.id for one in records}
        assert records[-1].kind == "party.enrol"


def test_many_answers_are_in_order(world: World) -> None:
    """Of many records each has its own answer; one refusal does not hinder the others."""
    invoice, other = world.issue(), world.issue()
    bodies = [CancelInvoice(invoice=invoice.id), CancelInvoice(invoice=bytes(32)), CancelInvoice(invoice=other.id)]
    with world.client("seller") as seller:
        first, second, third = seller.submit_many(bodies)
    assert isinstance(first, Receipt)
    assert isinstance(second, Refusal)
    assert isinstance(third, Receipt)
    assert (second.code, second.rule) == ("invoice-unknown", "I-4")


def test_concurrent_calls_share_requests(world: World, liar: Proxy) -> None:
    """Three hundred records submitted at once travel in a few requests, and each has its own receipt."""
    invoice = world.issue()

    async def main() -> list[Receipt]:
        identity, trust = world.seller, world.corridor.trust
        async with AsyncClient(liar.url, identity=identity, trust=trust, home=world.home) as seller:
            body = (await seller.record(invoice.record_id)).record.body
            receipts: list[Receipt] = []

            async def submit() -> None:
                receipts.append(await seller.submit(body))

            async with anyio.create_task_group() as tasks:
                for _ in range(300):
                    tasks.start_soon(submit)
            return receipts

    receipts = anyio.run(main)
    assert len({receipt.position for receipt in receipts}) == 300
    assert sum(line.startswith("POST") for line in liar.asked) <= 4


def test_events_resume_behind_a_position(world: World) -> None:
    """Every record is told once, in order, from any position on, and while one waits."""
    first = world.issue()
    with world.client("seller") as seller:
        events = seller.events(after=first.position - 1)
        assert next(events).id == first.record_id
        second = world.issue()
        assert next(events).id == second.record_id
        events.close()  # type: ignore[attr-defined]  # a generator is what an iterator is here
        third = world.issue()
        resumed = next(seller.events(after=second.position))
        assert (resumed.id, resumed.kind, resumed.objects[0]) == (third.record_id, "invoice.issue", third.id)


def test_what_is_not_there_is_not_found(world: World) -> None:
    """An unknown object, an unknown record and a wrong kind are told apart."""
    with world.client(None) as reader:
        with pytest.raises(NotFound):
            reader.show(bytes(32))
        with pytest.raises(NotFound):
            reader.record("00" * 32)
        with pytest.raises(InvalidInput, match="is no invoice, but a party"):
            reader.invoices.show(world.seller_id)
        with pytest.raises(InvalidInput, match="64 hexadecimal digits"):
            reader.show("abc0")
        with pytest.raises(IdentityError, match="no identity"):
            reader.invoices.accept(bytes(32))


def test_whose_home_folder_is_another_is_told_how_to_name_the_party(world: World, tmp_path: Path) -> None:
    """In a home folder that does not know the key the refusal names the options of the command, and the SDK's words."""
    with (
        world.client("seller", home=tmp_path) as seller,
        pytest.raises(IdentityError, match="not known here") as refused,
    ):
        seller.invoices.issue(INVOICE, buyer=world.buyer_id)
    assert all(word in refused.value.action for word in ("--home", "--party", "hanse party adopt", "parties.adopt"))


def test_documents_are_checked_before_anything_is_sent(world: World, liar: Proxy) -> None:
    """A file of another kind, or a message of another payment, is refused without a request that changes anything."""
    invoice = world.issue().object_id
    with world.client("seller", liar.url) as seller, world.client("chamber", liar.url) as chamber:
        with pytest.raises(DocumentError, match="no invoice"):
            seller.invoices.issue(CERTIFICATE, buyer=world.buyer_id)
        with pytest.raises(DocumentError, match="no certificate"):
            chamber.certificates.issue(INVOICE, exporter=world.seller_id)
        with pytest.raises(DocumentError, match="states its valid_until itself") as stated:
            chamber.certificates.issue(CERTIFICATE, exporter=world.seller_id, valid_until_ms=now_ms() + DAY_MS)
        assert stated.value.field == "valid_until"
        with pytest.raises(DocumentError, match="cannot be read"):
            seller.invoices.issue("missing.xml", buyer=world.buyer_id)
        with pytest.raises(DocumentError) as caught:
            seller.payments.instruct(PACS, payer_bank="bank-a", payee_bank="bank-b", allocations={invoice: 7})
        assert (caught.value.seen, caught.value.wanted) == ("5150.00 EUR", "0.07 EUR")
    assert not [line for line in liar.asked if line.startswith("POST")]


def test_trust_at_first_use_is_kept(world: World, tmp_path: Path) -> None:
    """Without a trust file the node's own is taken once; another ledger at the same address is refused ever after."""
    with proxy(world.url) as first:
        with Client(first.url, home=tmp_path) as client:
            assert client.trust().ledger == world.corridor.trust.ledger
            client.head()
        asked = [line for line in first.asked if "trust" in line]
        with Client(first.url, home=tmp_path) as client:
            assert client.trust().ledger == world.corridor.trust.ledger
        assert [line for line in first.asked if "trust" in line] == asked
        other = NodeCorridor("set up anew")
        with running_node(other.make_node(tmp_path / "other")) as url:
            first.node = first.node._replace(netloc=url.removeprefix("http://"))
            with Client(first.url, home=tmp_path) as client, pytest.raises(LedgerChanged):
                client.head()


def test_a_node_that_is_gone_is_unreachable(world: World, tmp_path: Path) -> None:
    """Where nobody listens any more, calls end with an error that says so."""
    with proxy(world.url) as gone:
        pass
    with world.client("seller", gone.url, tmp_path) as client, pytest.raises(NodeUnreachable):
        client.head()


def test_errors_share_one_base() -> None:
    """Whoever calls the SDK can catch one class."""
    assert all(issubclass(kind, HanseError) for kind in (BadAnswer, Refused, RollbackDetected, DocumentError))


def test_the_body_of_an_invoice_shows_nothing_but_its_header(world: World) -> None:
    """Of the invoice's words nothing travels: the record holds the header and salted commitments."""
    with world.client("seller") as seller:
        record = seller.record(world.issue().record_id).record
    assert isinstance(record.body, IssueInvoice)
    assert record.body.document.discoverable is None
    written = msgspec.msgpack.encode(record)
    assert not any(word in written for word in (b"Qingwan", b"QW-2026", b"Dinner", b"Tafelrood"))

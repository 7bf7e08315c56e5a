"""The same said twice: after an answer that says nothing of the record, and by two programs at the same moment."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from hanse_client import Client, Identity, Receipt
from hanse_client.base.errors import HanseError, NodeUnreachable, Refused
from hanse_client.base.views import Outcome
from hanse_ledger.proofs.trustfile import write_trust
from tests.tables.tampering import Proxy, proxy
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import INVOICE, TERMS, World

pytestmark = pytest.mark.system

SOON = 60

PROGRAM = """
import json, sys
from pathlib import Path
from hanse_client import Client, Identity
from hanse_client.base.errors import HanseError

url, home, folder, what, names = sys.argv[1:]

def together(*_):
    print("judged", flush=True)
    sys.stdin.readline()

identity = Identity.load(Path(folder) / "identity.pem", b"a passphrase")
with Client(url, identity=identity, trust=Path(folder) / "trust.json", home=Path(home)) as client:
    client.head()
    print("ready", flush=True)
    sys.stdin.readline()
    invoice, file, buyer = names.split(",")
    try:
        if what == "pay":
            receipt = client.payments.instruct(
                payer_bank="bank-b", payee_bank="bank-a", allocations={invoice: 100}
            )
        else:
            receipt = client.invoices.issue(Path(file), buyer=buyer, again=what == "again", before=together)
    except HanseError as error:
        print(json.dumps({"error": str(error)}), flush=True)
    else:
        told = [each.code for each in receipt.warnings]
        print(json.dumps({"id": receipt.record_id.hex(), "told": told}), flush=True)
"""


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


def codes(receipt: Receipt) -> list[str]:
    """Give the codes of a receipt's warnings."""
    return [warning.code for warning in receipt.warnings]


def pay(buyer: Client, invoice: bytes) -> Receipt:
    """Instruct a payment."""
    return buyer.payments.instruct(allocations={invoice: 100}, payer_bank="bank-b", payee_bank="bank-a")


def kept(home: Path) -> list[Path]:
    """Name the files of what is not settled."""
    return sorted((home / "unsettled").glob("*.json"))


def standing(world: World, kind: str) -> list[str]:
    """Name the records of a kind that stand, of those that name the buyer's party."""
    with world.client(None) as reader:
        return [each.id.hex() for each in reader.records(world.buyer_id) if each.kind == kind]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 413, 415, 421, 422, 431])
def test_a_status_alone_settles_nothing(world: World, home: Path, liar: Proxy, status: int) -> None:
    """The answer was lost; a proxy then says no: the record is kept, and told, and the same call sends the same."""
    invoice = world.issue().object_id
    liar.statuses["/v1/records"] = 503
    with world.client("buyer", url=liar.url, home=home) as buyer:
        with pytest.raises(NodeUnreachable):
            pay(buyer, invoice)
        (sent,) = buyer.unsettled
    with world.client("buyer", url=liar.url, home=home) as buyer:
        liar.statuses["/v1/records"] = status
        with pytest.raises(Refused):
            pay(buyer, invoice)
        assert [(each.record_id, each.repeatable) for each in buyer.unsettled] == [(sent.record_id, True)]
        assert len(kept(home)) == 1
        liar.statuses.clear()
        receipt = pay(buyer, invoice)
        assert (receipt.record_id, receipt.outcome) == (sent.record_id, Outcome.EXISTS)
        assert codes(receipt) == ["sent-again"]
        assert buyer.unsettled == ()
    assert kept(home) == []


def test_a_status_settles_no_draft_either(world: World, home: Path, liar: Proxy) -> None:
    """Of what is sent as drafts, and of many, the client tells that it may stand."""
    invoice = world.issue().object_id
    liar.statuses["/v1/records"] = 413
    with world.client("buyer", url=liar.url, home=home) as buyer:
        with world.client("buyer", home=home) as other:
            drafts = [
                other.draft(world.acceptance(invoice)),
                other.draft(world.acceptance(world.issue().object_id)),
            ]
        with pytest.raises(Refused):
            buyer.submit_draft(drafts[0])
        with pytest.raises(Refused):
            buyer.submit_drafts(drafts[1:])
        told = {each.record_id: each.repeatable for each in buyer.unsettled}
        assert told == {drafts[0].id: True, drafts[1].id: False}


def test_what_the_rules_refuse_is_settled(world: World, home: Path) -> None:
    """The ledger's rules have judged it: nothing is kept, nothing is told."""
    invoice = world.issue().object_id
    with world.client("buyer", home=home) as buyer:
        buyer.invoices.accept(invoice)
        with pytest.raises(Refused) as refused:
            buyer.invoices.accept(invoice)
        assert refused.value.rule
        assert buyer.unsettled == ()
    assert kept(home) == []


def side_by_side(
    world: World,
    liar: Proxy,
    home: Path,
    what: str,
    *,
    count: int = 2,
    who: str = "buyer",
    buyers: Sequence[bytes] = (),
) -> list[dict[str, Any]]:
    """Run programs that say the very same at the same moment; what each needs to know takes its time."""
    folder = home.parent
    identity = world.buyer if who == "buyer" else world.seller
    identity.save(folder / "identity.pem", b"a passphrase")
    (folder / "trust.json").write_bytes(write_trust(world.corridor.genesis))
    names = f"{world.issue().object_id.hex()},{INVOICE}"
    words = [sys.executable, "-c", PROGRAM, liar.url, str(home), str(folder), what]
    programs = [
        subprocess.Popen(
            [*words, f"{names},{buyer.hex()}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for buyer in buyers or [world.buyer_id] * count
    ]
    try:
        for each in programs:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n", each.communicate(timeout=SOON)

        def slowly(path: str, body: bytes) -> bytes:
            time.sleep(0.2)
            return body

        liar.change = slowly
        tell_all(programs, "go")
        if what != "pay":
            # How long the rules of a document take is a matter of chance: what comes after them begins together.
            for each in programs:
                assert each.stdout is not None
                assert each.stdout.readline() == "judged\n"
            tell_all(programs, "on")
        return [json.loads(each.communicate(timeout=SOON)[0]) for each in programs]
    finally:
        for each in programs:
            each.kill()


def tell_all(programs: Sequence["subprocess.Popen[str]"], word: str) -> None:
    """Write a line to each of some programs."""
    for each in programs:
        assert each.stdin is not None
        each.stdin.write(f"{word}\n")
        each.stdin.flush()


def test_two_programs_that_pay_the_same_make_one_payment(world: World, home: Path, liar: Proxy) -> None:
    """Both begin before either has kept anything: one record stands, and each says so."""
    before = standing(world, "payment.instruct")
    answers = side_by_side(world, liar, home, "pay", count=3)
    made = set(standing(world, "payment.instruct")) - set(before)
    assert len(made) == 1, answers
    assert {each["id"] for each in answers} == made
    assert sorted(each["told"] for each in answers) == [[], ["sent-again"], ["sent-again"]]
    assert kept(home) == []


@pytest.mark.parametrize("what", ["issue", "again"])
def test_two_programs_that_register_the_same_file_register_it_once(
    world: World, home: Path, liar: Proxy, what: str
) -> None:
    """The second waits, and is told what stands; also where both say that it is to be registered once more."""
    before = standing(world, "invoice.issue")
    answers = side_by_side(world, liar, home, what, who="seller")
    made = set(standing(world, "invoice.issue")) - set(before)
    assert len(made) == 2, answers  # one is the invoice that `side_by_side` has issued from another home
    assert len({each["id"] for each in answers}) == 1
    told = "registered-already" if what == "issue" else "sent-again"
    assert sorted(each["told"] for each in answers) == [[], [told]]
    assert kept(home) == []
    assert [path.name for path in (home / "registered").glob("*.lock")] in ([], [".lock"])


def test_programs_that_register_a_file_for_different_buyers_register_it_once(
    world: World, home: Path, liar: Proxy
) -> None:
    """A file is registered once, whatever else is said with it: the others are told what stands."""
    with world.client("market", home=home) as market:
        buyers = [
            market.parties.enrol(Identity.generate(f"buyer {number}"), roles=["buyer"], terms=TERMS).id
            for number in range(3)
        ]
    answers = side_by_side(world, liar, home, "issue", who="seller", buyers=buyers)
    assert len({each["id"] for each in answers}) == 1, answers
    assert sorted(each["told"] for each in answers) == [[], ["registered-already"], ["registered-already"]]
    (file,) = (home / "registered").glob("*.json")
    assert len(json.loads(file.read_text())["envelopes"]) == 1


def test_calls_beside_each_other_keep_one_record(world: World, home: Path, liar: Proxy) -> None:
    """The second call of a process keeps nothing: it says so, and takes nothing away from the first."""
    invoice = world.issue().object_id
    both, first_is_out = Barrier(2), Event()

    def lose(path: str, body: bytes) -> bytes:
        if path.startswith("/v1/records?"):
            first_is_out.set()
            both.wait(SOON)  # each is sent before the other is answered
        return body

    liar.change = lose
    liar.statuses["/v1/records"] = 500
    with (
        world.client("buyer", url=liar.url, home=home) as first,
        world.client("buyer", url=liar.url, home=home) as second,
        ThreadPoolExecutor(2) as pool,
    ):
        calls = [pool.submit(pay, first, invoice)]
        assert first_is_out.wait(SOON)
        calls.append(pool.submit(pay, second, invoice))
        for call in calls:
            assert isinstance(call.exception(SOON), HanseError)
        (one,), (other,) = first.unsettled, second.unsettled
        assert one.record_id != other.record_id
        assert (one.repeatable, other.repeatable) == (True, False)
        liar.statuses.clear()
        liar.change = lambda path, body: body
        again = pay(first, invoice)
        assert (again.record_id, codes(again)) == (one.record_id, ["sent-again"])
    assert kept(home) == []


def test_what_cannot_be_forgotten_is_told_with_what_stands(world: World, home: Path, liar: Proxy) -> None:
    """A document stands, and what was kept of it cannot be removed: a warning of that receipt."""
    liar.statuses["/v1/records"] = 503
    with world.client("seller", url=liar.url, home=home) as seller:
        with pytest.raises(NodeUnreachable):
            seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        (place,) = kept(home)
        place.unlink()
        place.mkdir()
        receipt = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        assert codes(receipt) == ["registered-already", "unsettled-not-forgotten"]


def test_what_stands_already_is_no_reason_to_forget_another(world: World, home: Path, liar: Proxy) -> None:
    """`again` whose answer was lost stays kept, though the document is found to stand by an older record."""
    with world.client("seller", url=liar.url, home=home) as seller:
        older = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        node = liar.node
        seller.head()
        liar.node = node._replace(netloc="127.0.0.1:9")  # nobody is behind it: the record does not stand
        with pytest.raises(HanseError):
            seller.invoices.issue(INVOICE, buyer=world.buyer_id, again=True)
        liar.node = node
        found = seller.invoices.issue(INVOICE, buyer=world.buyer_id)
        assert (found.object_id, codes(found)) == (older.object_id, ["registered-already"])
        assert len(kept(home)) == 1
        again = seller.invoices.issue(INVOICE, buyer=world.buyer_id, again=True)
        assert codes(again) == ["sent-again"]
    assert kept(home) == []

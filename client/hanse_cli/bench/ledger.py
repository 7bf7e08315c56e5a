"""The ledger that a benchmark runs on: a node of its own, parties, and as many invoices as are asked for."""

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from hanse_cli.base.background import RunningNode, interruptible, running_node
from hanse_cli.base.console import progress
from hanse_cli.folders.corridor import Plan, PlannedMember, make_corridor
from hanse_cli.folders.networkfolder import running_network
from hanse_cli.folders.nodefolder import DATABASE, TRUST
from hanse_cli.with_node.networks import make_network
from hanse_cli.with_node.nodes import create_node
from hanse_client.aio import AsyncClient
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import Refused
from hanse_client.base.views import Receipt, Refusal
from hanse_client.client import Client
from hanse_client.home.drafts import Draft, draft
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, IssueInvoice, Tag
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import FIRST_TAG_EPOCH, MemberRole
from hanse_ledger.wire.part import Body, Commitment

MARKET = "market"
TRADERS = 20
PAYABLE_MINOR = 10_000
"""So many sellers, and so many buyers, sign in turn."""

NEWEST = 20_000
NEWEST_OF_TEN = 9
"""Nine of ten records that touch an invoice touch one of the newest."""

FILLED_AT_ONCE = 1_000
LIFETIME_MS = 6 * 24 * 3_600_000


class Trader(Struct, frozen=True):
    """A party and its key."""

    identity: Identity
    id: ObjectId


class BenchLedger:
    """A node that runs, its parties, and the invoices that nobody has accepted yet."""

    def __init__(
        self, node: RunningNode, folder: Path, trust: TrustFile, sellers: Sequence[Trader], buyers: Sequence[Trader]
    ) -> None:
        self.node, self.folder, self.trust = node, folder, trust
        self._sellers, self._buyers = sellers, buyers
        self._issued = 0
        self._open: list[tuple[ObjectId, Trader]] = []
        # What is touched must be the same in every run: it chooses, and guards nothing.
        self._chance = random.Random(1)  # noqa: S311 (see above)

    def client(self) -> AsyncClient:
        """Open a client that sends what others have signed."""
        return AsyncClient(self.node.url, trust=self.trust, home=self.folder / "home", timeout_ms=60_000)

    def mixed(self, count: int) -> list[Draft]:
        """Make and sign records: each second one issues an invoice with its tag, the others accept one that stands."""
        return [self._accept() if self._open and place % 2 else self._issue()[0] for place in range(count)]

    async def fill(self, objects: int) -> list[ObjectId]:
        """Issue invoices until there are so many objects, and give the ids of these."""
        names: list[ObjectId] = []
        missing = max(0, objects - 2 * TRADERS - self._issued)
        with progress(missing) as ticker:
            async with self.client() as client:
                while len(names) < missing:
                    issued = [self._issue() for _ in range(min(FILLED_AT_ONCE, missing - len(names)))]
                    answers = await client.submit_drafts([prepared for prepared, _ in issued])
                    for answer, (prepared, buyer) in zip(receipts(answers), issued, strict=True):
                        self._open.append((prepared.object_id, buyer))
                        names.append(answer.object_id)
                    ticker.at(len(names), f"{len(names)} objects")
        return names

    async def entries(self) -> int:
        """Ask for the size of the log."""
        async with self.client() as client:
            return (await client.head()).size

    def disk_bytes(self) -> int | None:
        """Measure the database with its write-ahead log; nothing where it is no file of the node's."""
        files = list((self.folder / MARKET).glob("ledger.db*"))
        return sum(path.stat().st_size for path in files) if files else None

    def _issue(self) -> tuple[Draft, Trader]:
        seller = self._sellers[self._issued % TRADERS]
        buyer = self._buyers[self._issued % TRADERS]
        self._issued += 1
        body = IssueInvoice(
            buyer=buyer.id,
            consignment=None,
            currency="EUR",
            document=Commitment(discoverable=None, file=os.urandom(32), terms=os.urandom(32)),
            due=None,
            issued="2026-01-15",
            minor_digits=2,
            payable_minor=PAYABLE_MINOR,
            payload=None,
            seller=seller.id,
            tags=(Tag(epoch=FIRST_TAG_EPOCH, value=os.urandom(32)),),
            type_code="380",
        )
        return self._signed(body, seller), buyer

    def _accept(self) -> Draft:
        count = len(self._open)
        newest = self._chance.randrange(10) < NEWEST_OF_TEN
        place = self._chance.randrange(max(0, count - NEWEST) if newest else 0, count)
        # The last one takes its place: the list stays nearly in order of age.
        self._open[place], self._open[-1] = self._open[-1], self._open[place]
        name, buyer = self._open.pop()
        body = AcceptInvoice(amount_minor=PAYABLE_MINOR, currency="EUR", due=None, invoice=name, minor_digits=2)
        return self._signed(body, buyer)

    def _signed(self, body: Body, trader: Trader) -> Draft:
        key = trader.identity.public_key
        return draft(body, self.trust.ledger, (key,), now_ms(), LIFETIME_MS).sign(trader.identity)


def receipts(answers: Sequence[Receipt | Refusal]) -> list[Receipt]:
    """Insist that nothing was refused. Raises Refused."""
    receipts = []
    for answer in answers:
        if isinstance(answer, Refusal):
            raise Refused(answer)
        receipts.append(answer)
    return receipts


@contextmanager
def bench_ledger(members: int = 1, database: str = DATABASE) -> Iterator[BenchLedger]:
    """Run a node in a temporary folder, or the nodes of a consortium, and enrol sellers and buyers."""
    with interruptible(), tempfile.TemporaryDirectory(prefix="hanse-bench-") as place, ExitStack() as running:
        folder = Path(place)
        if members == 1:
            market, trust = _one_node(folder, database)
            node = running.enter_context(running_node(folder / MARKET, folder / "node.log"))
        else:
            market, trust = _many_nodes(folder, members)
            node = running.enter_context(running_network(folder))[MARKET]
        with Client(node.url, identity=market, trust=trust, home=folder / "home", timeout_ms=60_000) as client:
            sellers, buyers = (_enrol(client, role) for role in (PartyRole.SELLER, PartyRole.BUYER))
        yield BenchLedger(node, folder, trust, sellers, buyers)


def _one_node(folder: Path, database: str) -> tuple[Identity, TrustFile]:
    corridor = make_corridor(_plan(1), now_ms())
    return corridor.identities[MARKET], read_trust(create_node(folder / MARKET, corridor, database=database))


def _many_nodes(folder: Path, members: int) -> tuple[Identity, TrustFile]:
    network = make_network(_plan(members), folder)
    return network.identities[MARKET], read_trust((folder / TRUST).read_bytes())


def _plan(count: int) -> Plan:
    market = PlannedMember(id=MARKET, name="Market", roles=(MemberRole.MARKETPLACE,))
    banks = [
        PlannedMember(id=f"bank-{place}", name=f"Bank {place}", roles=(MemberRole.BANK,)) for place in range(1, count)
    ]
    return Plan(name="bench", operator=MARKET, members=(market, *banks))


def _enrol(client: Client, role: PartyRole) -> list[Trader]:
    identities = [Identity.generate(f"{role.value} {number}") for number in range(TRADERS)]
    return [
        Trader(identity, client.parties.enrol(identity, roles=[role], terms={"name": identity.name}).object_id)
        for identity in identities
    ]

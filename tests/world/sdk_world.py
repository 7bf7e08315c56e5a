"""A node with a seller and a buyer, and clients for all of them: what the system tests of the SDK begin with."""

from pathlib import Path

from hanse_client import Client, Identity, Receipt
from hanse_client.base.identifiers import Id, parse_id
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice
from tests.world.sdk_node import SAMPLES, NodeCorridor

DAY_MS = 86_400_000
INVOICE, CERTIFICATE = SAMPLES / "invoice.xml", SAMPLES / "certificate.json"
PACS, CAMT = SAMPLES / "pacs008.xml", SAMPLES / "camt054.xml"
TERMS = {"name": "Qingwan Kiln Studio", "lei": "000000QINGWANKILN189"}


class World:
    """A running node, its corridor, a seller and a buyer, and clients that share one home folder."""

    def __init__(self, url: str, corridor: NodeCorridor, home: Path) -> None:
        self.url, self.corridor, self.home = url, corridor, home
        self.seller, self.buyer = Identity.generate("seller"), Identity.generate("buyer")
        with self.client("market") as market:
            self.seller_id = market.parties.enrol(self.seller, roles=["seller"], terms=TERMS).id
            self.buyer_id = market.parties.enrol(self.buyer, roles=["buyer"], terms=TERMS).id

    def client(self, who: str | Identity | None, url: str = "", home: Path | None = None) -> Client:
        """Open a client for a member, the seller, the buyer or any identity."""
        named = {**self.corridor.members, "seller": self.seller, "buyer": self.buyer}
        identity = named[who] if isinstance(who, str) else who
        return Client(url or self.url, identity=identity, trust=self.corridor.trust, home=home or self.home)

    def issue(self) -> Receipt:
        """Have the seller issue an invoice."""
        with self.client("seller") as seller:
            return seller.invoices.issue(INVOICE, buyer=self.buyer_id, again=True)

    def acceptance(self, invoice: Id) -> AcceptInvoice:
        """The buyer's acceptance of such an invoice: all of it, on the day that it names."""
        return AcceptInvoice(
            amount_minor=515_000, currency="EUR", due="2026-10-17", invoice=parse_id(invoice), minor_digits=2
        )

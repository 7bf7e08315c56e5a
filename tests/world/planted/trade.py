"""A trade whose papers and parties hold values that stand nowhere else, and a node that has to do with all of it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from hanse_client import Client, Draft, Identity
from hanse_client.base.clock import now_ms
from hanse_client.resources.issuing.manytags import UNTAGGED
from hanse_client.resources.sharing.lookedat import LookedAt
from hanse_documents.samples import certificate_in_force
from hanse_ledger.values.moments import moment_words
from tests.system.stage.processes import environment
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import DAY_MS, INVOICE, PACS

STOP_SECONDS = 30
PIECE, LONGEST = 1024 * 1024, 256
"""So much memory is read at once, and so much of the next piece, since a value may stand on the border."""

VALUES: Mapping[str, str] = {
    # Legal identities, which enrolments commit to
    "seller's name": "Vermilion Otterbank Porcelain Limited",
    "seller's LEI": "000000QINGWANKILN189",
    "seller's VAT": "CN91330106MA0EXAMPLW",
    "seller's address": "77 Kingfisher Weir Terrace",
    "buyer's name": "Tangerine Lighthouse Imports",
    "buyer's EORI": "BE1999999943777",
    # An invoice, which travels sealed, and whose terms are hidden
    "item": "Gilded heron tureen",
    "description": "Soup tureen with nine gilded herons, after a lost pattern",
    "price": "98987.50",
    "account": "BE68539007547034",
    "contact": "Marguerite Quillfeather",
    "mail": "quillfeather@otterbank.example",
    "note": "Rebate of the second instalment is agreed by telephone",
    "street": "4 Bitterling Quay",
    "order": "PO-ZX-88123-K",
    "file": "confidential-otterbank-offer.xml",
    # A certificate, and an order to pay
    "goods": "Herons on tureens, hand gilded",
    "manufacturer": "Otterbank Kilns Number Nine",
    "payer's account": "BE71096123456769",
    "payer": "Lighthouse Treasury Desk",
    # What an attestation commits to
    "examiner": "Ignatius Pettigrew-Vole",
    "document looked at": "extract 55-ZQ-7741 of the trade register",
}
"""What no node may ever hold, nor anybody who is not entitled."""

SELLER = {
    "name": VALUES["seller's name"],
    "lei": VALUES["seller's LEI"],
    "vat": VALUES["seller's VAT"],
    "address": VALUES["seller's address"],
    "country": "CN",
}
BUYER = {"name": VALUES["buyer's name"], "eori": VALUES["buyer's EORI"], "country": "BE"}

INVOICED = {
    "Serving bowl": VALUES["item"],
    "Stoneware, 32 cm, celadon glaze": VALUES["description"],
    '<cbc:PriceAmount currencyID="EUR">18.50</cbc:PriceAmount>': '<cbc:PriceAmount currencyID="EUR">98987.50'
    '</cbc:PriceAmount><cbc:BaseQuantity unitCode="C62">5350.6756756756756757</cbc:BaseQuantity>',
    "Lin Yun": VALUES["contact"],
    "lin.yun@qingwan-kiln.example": VALUES["mail"],
    "Each piece is painted by hand; small differences are no defects.": VALUES["note"],
    "12 Clay Lane": VALUES["street"],
    "TR-4471": VALUES["order"],
    "Qingwan Kiln Studio Co., Ltd.": VALUES["seller's name"],
}

CERTIFIED = {"Dinner plates of porcelain": VALUES["goods"], "QINGWAN KILN STUDIO CO LTD": VALUES["manufacturer"]}
PAID = {"Tafelrood BV": VALUES["payer"]}

PROGRAM = """
import logging, sys
from pathlib import Path
logging.basicConfig(level=logging.DEBUG, filename=sys.argv[2], format="%(name)s %(message)s")
from hanse_node.main import run_node
def ready(url):
    # Louder than anybody can ask for: all that this process says at all, SQL with its parameters included.
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)
    print(url, flush=True)
run_node(Path(sys.argv[1]), host="127.0.0.1", port=0, ready=ready)
"""


@contextmanager
def loud_node(folder: Path) -> Iterator[tuple[str, int]]:
    """Run a node as a process that logs all there is beside its folder, and give its URL and its number.

    It ends by SIGKILL, so that the write-ahead log stays as it is.
    """
    files = (folder.with_suffix(".debug"), folder.with_suffix(".log"))
    with files[1].open("wb") as stderr:
        words = [sys.executable, "-c", PROGRAM, str(folder), str(files[0])]
        process = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=stderr, text=True)
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, files[1].read_text()
            yield url, process.pid
        finally:
            process.kill()
            process.wait(STOP_SECONDS)


def paper(sample: bytes, changes: Mapping[str, str]) -> bytes:
    """Put values into a sample."""
    text = sample.decode()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


class Trade:
    """What the trade's parties did at a node, and by which ids it stands there."""

    def __init__(self, url: str, corridor: NodeCorridor, folder: Path) -> None:
        self.url, self.corridor, self.folder = url, corridor, folder
        self.people = {name: Identity.generate(name) for name in ("seller", "buyer", "outsider")}
        self.ids: dict[str, bytes] = {}
        self.invoice = paper(INVOICE.read_bytes(), INVOICED)
        self.order = paper(PACS.read_bytes(), PAID)
        self.sealed: list[bytes] = []
        self._enrol()
        self._papers()

    def tag(self) -> bool:
        """Have the node make tags of an invoice, for which it is told who seller and buyer are; tell if it does."""
        file = paper(INVOICE.read_bytes(), {**INVOICED, "QW-2026-0917": "QW-2026-0918"})
        with self.client("seller") as seller:
            made = seller.invoices.issue(
                file, buyer=self.ids["buyer"], buyer_identity=self.buyers, despite_findings=True
            )
            return UNTAGGED not in {notice.code for notice in made.warnings}

    def client(self, who: str) -> Client:
        """Open somebody's client, each with a home folder of its own."""
        identity = {**self.corridor.members, **self.people}[who]
        home = self.folder / "homes" / who
        return Client(self.url, identity=identity, trust=self.corridor.trust, home=home, timeout_ms=60_000)

    def _enrol(self) -> None:
        terms = {"seller": SELLER, "buyer": BUYER, "outsider": {"name": "Somebody else"}}
        for member in ("customs", "bank-a", "bank-b", "chamber"):
            with self.client(member) as client:
                client.offices.open()
        for name, roles in (("seller", ["seller"]), ("buyer", ["buyer"]), ("outsider", ["buyer", "seller"])):
            with self.client(name) as party, self.client("market") as market:
                draft = party.parties.prepare(member="market", roles=roles, terms=terms[name])
                self.ids[name] = market.submit_draft(Draft.from_json(draft.to_json())).id
                party.parties.adopt(self.ids[name])
        with self.client("market") as market, self.client("seller") as seller, self.client("buyer") as buyer:
            market.parties.attest(
                self.ids["seller"],
                examiner=VALUES["examiner"],
                day="2026-09-14",
                terms=["name", "lei"],
                looked_at=LookedAt(documents=(VALUES["document looked at"],), lei=VALUES["seller's LEI"]),
                shown=seller.parties.show_identity(self.ids["seller"]),
            )
            self.buyers = buyer.parties.show_identity(self.ids["buyer"])

    def _papers(self) -> None:
        file = self.folder / VALUES["file"]
        file.write_bytes(self.invoice)
        days = [moment_words(now_ms() + past * DAY_MS)[:10] for past in (-1, 2)]
        certificate = paper(certificate_in_force(*days), CERTIFIED)
        with self.client("seller") as seller, self.client("buyer") as buyer, self.client("chamber") as chamber:
            made = seller.invoices.issue(
                file, buyer=self.ids["buyer"], share=["customs", "bank-a"], despite_findings=True
            )
            self.ids["invoice"] = made.id
            (document,) = seller.documents.of(made.id)
            self.ids["document"] = document.id
            seller.documents.grant(document.id, [self.ids["buyer"]])
            view = seller.documents.show(document.id)
            self.sealed = [view.seal.hash, *(seal.hash for seal in view.grants)]
            buyer.invoices.accept(made.id)
            self.ids["certificate"] = chamber.certificates.issue(
                certificate, exporter=self.ids["seller"], share=["customs"]
            ).id
            self.ids["payment"] = buyer.payments.instruct(
                self.order,
                payer_bank="bank-b",
                payee_bank="bank-a",
                allocations={made.id: 515_000},
            ).id
            self.records = [record.id for record in seller.records(self.ids["seller"])]
        with self.client("customs") as customs:
            opened = customs.documents.get(self.ids["document"]).content
            assert (opened.file, opened.name) == (self.invoice, VALUES["file"])
            customs.documents.receive(self.ids["document"])
            customs.documents.hold(self.ids["document"])


def memory_of(number: int) -> Iterator[bytes]:
    """Give what a process of one's own holds in memory, a mapping at a time, as far as it may be read."""
    with Path(f"/proc/{number}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{number}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            if rights.startswith("rw"):
                first, last = (int(each, 16) for each in place.split("-"))
                with suppress(OSError):  # it was given back meanwhile, or is the kernel's
                    for start in range(first, last, PIECE):
                        memory.seek(start)
                        piece = memory.read(min(PIECE + LONGEST, last - start))
                        if piece.count(0) < len(piece):  # most of it was never written
                            yield piece

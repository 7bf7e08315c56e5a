"""Where the trade of `hanse demo` is played: everybody's client, and the telling of what each did.

What is told comes from receipts, records and states that the SDK has verified; only verbs stand here.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

from msgspec import Struct

from hanse_cli.demo.cast import BUYER, CARRIED, PLAN, SELLER, called
from hanse_cli.demo.papers import Papers
from hanse_client.base.errors import NodeFailed, Refused
from hanse_client.base.objects import DeclarationView, MandateView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.client import Client
from hanse_client.home.identity import Identity
from hanse_client.home.tagkeys import new_key
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import FIRST_TAG_EPOCH

Tell = Callable[[str], None]

TIMEOUT_MS = 60_000
SETTLE_SECONDS = 30.0
LOOK_SECONDS = 0.05

_DID = {
    "party.enrol": "enrolled the party",
    "order.attest": "attested the order",
    "mandate.grant": "let the broker declare in its place",
    "invoice.issue": "issued the invoice",
    "invoice.accept": "accepted it as a debt",
    "invoice.credit": "credited what went back",
    "pledge.create": "pledged it: the bank lends on what is owed",
    "bundle": "pledged it and was paid what the bank lends on it, all or none",
    "pledge.release": "gave the invoice free",
    "certificate.apply": "applied for a certificate of origin",
    "certificate.grant": "certified the origin",
    "shipment.dispatch": "took the goods over",
    "shipment.arrive": "said that the goods have arrived",
    "title.issue": "issued the title to the goods",
    "title.transfer": "passed it on",
    "title.surrender": "gave it up and took it in, for the goods",
    "consignment.open": "opened the folder of this movement of goods",
    "consignment.add": "put into it what it has a part in",
    "declaration.lodge": "declared the goods to customs",
    "declaration.assess": "chose to look at the papers",
    "declaration.query": "asked the declarant",
    "declaration.answer": "answered",
    "declaration.release": "released the goods",
    "payment.instruct": "instructed the payment",
    "payment.accept": "accepted to carry it out",
    "payment.confirm": "confirmed the credit",
    "payment.return": "sent a part of it back",
}


class ToldAct(Struct, frozen=True, kw_only=True):
    """One act, as its verified record and the verified state after it show it.

    `principals` are those in whose place it was signed, under their mandates.
    """

    kind: str
    signers: tuple[str, ...]
    principals: tuple[str, ...]
    object: str
    regime: str
    object_id: ObjectId
    state: str
    position: int
    time_ms: int


class Attempt(Struct, frozen=True, kw_only=True):
    """What somebody tried, and why it was refused; `stopped_by` says whose earlier word stood against it."""

    who: str
    tried: str
    rule: str
    code: str
    words: str
    seen: str
    wanted: str
    stopped_by: str


class Stage:
    """Everybody's client, and the telling of what each did. A context manager that closes the clients."""

    def __init__(
        self,
        urls: Mapping[str, str],
        trust: TrustFile,
        identities: Mapping[str, Identity],
        homes: Path,
        papers: Papers,
        tell: Tell,
    ) -> None:
        """Open everybody's client: of one node, or each of its own or its carrier's.

        Args:
            urls: the nodes by member.
            trust: the ledger's trust file.
            identities: everybody's.
            homes: where each finds its home.
            papers: the trade's documents.
            tell: told what happens.
        """
        self._urls, self._trust, self._identities, self._homes = urls, trust, identities, homes
        self.names = called(identities, papers.invoice)
        self._key_names = {identity.public_key: self.names[name] for name, identity in identities.items()}
        self._stack = ExitStack()
        # Each has a home of its own: nobody sees another's openings or remembered heads.
        self.clients = {name: self._open(name) for name in identities}
        self._others = {name: self.clients[name] for name in urls}
        self._parties: dict[str, str] = {}
        self._shown: dict[str, bytes] = {}
        # The members who make tags hand their key on by a way of their own.
        self._tag_key = new_key(FIRST_TAG_EPOCH)
        self.papers, self.tell = papers, tell
        self.acts: list[ToldAct] = []
        self.attempts: list[Attempt] = []

    def _open(self, name: str, *mandates: ObjectId) -> Client:
        client = Client(
            self._urls.get(CARRIED.get(name, name), self._urls[PLAN.operator]),
            identity=self._identities[name],
            trust=self._trust,
            home=self._homes / name,
            timeout_ms=TIMEOUT_MS,
        )
        client.sign_as(mandates=mandates)
        return self._stack.enter_context(client)

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def under(self, name: str, mandate: ObjectId) -> Client:
        """Open another client of somebody's, which signs under a mandate."""
        return self._open(name, mandate)

    def act(self, who: str, receipt: Receipt) -> ObjectId:
        """Look at what somebody did, prove it again from the log, and tell it."""
        client = self.clients[who]
        self._settle(receipt.size)
        record, after = client.record(receipt.record_id), client.show(receipt.object_id)
        told = ToldAct(
            kind=record.kind,
            signers=tuple(self._key_names[key] for key in record.signers),
            principals=self._principals(client, record),
            object=after.kind,
            regime=after.status.regime.value if isinstance(after, DeclarationView) else "",
            object_id=after.id,
            state=after.state,
            position=record.position,
            time_ms=record.time_ms,
        )
        self.acts.append(told)
        instead = "".join(f", for {principal}," for principal in told.principals)
        self.tell(f"{len(self.acts):>3}. {' and '.join(told.signers)}{instead} {_DID[told.kind]}")
        self.tell(
            f"     {f'{told.regime} {told.object}'.strip()} {told.object_id.hex()[:16]}… is {told.state}; "
            f"entry {told.position}, {moment_words(told.time_ms)}"
        )
        return after.id

    def enrolled(self, name: str, party: ObjectId) -> ObjectId:
        """Note whose party this is, and the identity that it shows to whom it trades with."""
        self._parties[party.hex()] = self.names[name]
        self._shown[name] = self.clients[name].parties.show_identity(party)
        return party

    def tags(self, who: str, file: Path) -> tuple[Tag, ...]:
        """Make an invoice's tags as a member that has the key, from its file and from who its parties are."""
        seller, buyer = self._shown[SELLER], self._shown[BUYER]
        return self.clients[who].invoices.tags(file, seller=seller, buyer=buyer, keys=[self._tag_key])

    def refused(self, who: str, tried: str, attempt: Callable[[], Receipt], stopped_by: str) -> None:
        """Have somebody try what the rules refuse, and tell why and by whose word it was stopped.

        Args:
            who: who tries.
            tried: what, after "to".
            attempt: how.
            stopped_by: whose earlier word stands against it.
        """
        try:
            attempt()
        except Refused as error:
            refusal = error.refusal
        else:
            raise AssertionError(f"{self.names[who]} was not kept from what it tried: to {tried}")
        told = Attempt(
            who=self.names[who],
            tried=tried,
            rule=refusal.rule,
            code=refusal.code,
            words=refusal.user_message,
            seen=refusal.seen,
            wanted=refusal.wanted,
            stopped_by=stopped_by,
        )
        self.attempts.append(told)
        wanted = f" Seen: {told.seen}; wanted: {told.wanted}." if told.seen and told.wanted else ""
        self.tell(f"  {chr(ord('A') + len(self.attempts) - 1)}. {told.who} tries to {told.tried}")
        self.tell(f"     refused by rule {told.rule}, {told.code}: {told.words}{wanted}")
        self.tell(f"     stopped by {told.stopped_by}")

    def without(self, who: str) -> None:
        """Go on without a node."""
        del self._others[who]

    def _principals(self, client: Client, record: RecordView) -> tuple[str, ...]:
        """Name those in whose place a record is signed."""
        views = (client.show(mandate) for mandate in record.record.mandates)
        return tuple(self._parties[view.links.principal.hex()] for view in views if isinstance(view, MandateView))

    def _settle(self, size: int) -> None:
        """Wait until what was just acknowledged by one node is seen on every other: the next to act may read there."""
        until = monotonic() + SETTLE_SECONDS
        while len(self._others) > 1 and any(client.head().size < size for client in self._others.values()):
            if monotonic() > until:
                raise NodeFailed("The nodes do not come to the same head.", "Look into their logs.")
            sleep(LOOK_SECONDS)

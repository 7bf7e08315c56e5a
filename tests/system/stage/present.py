"""A ledger that begins now, for nodes that read the machine's clock: their records must not have expired."""

import time
from pathlib import Path
from secrets import token_bytes

from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import EnrolParty
from hanse_ledger.records.envelope import Signed, open_envelope, pre_authentication, seal
from hanse_ledger.records.record import encode_record, make_record
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.part import Body
from hanse_node.base.config import Limits
from hanse_node.base.folder import open_folder
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.main import init_node
from tests.world.node_ledger import COSIGN, GENESIS, HOUR, LOG, MARKET, enrol, invoice, key_of, public

BATCH, UNDER_WAY = 1_000, 3


class Present:
    """A genesis of this moment, and records for it."""

    def __init__(self, genesis: Genesis = GENESIS, *, began: bool = False) -> None:
        """Begin a ledger of this genesis now, or take one that has begun."""
        self.now = time.time_ns() // 1_000_000
        self.genesis: Genesis = genesis if began else replace(genesis, created=self.now)
        self.ledger = ledger_id(self.genesis)
        self.parties = [self.enrol("seller"), self.enrol("buyer")]
        self.seller, self.buyer = (created_id(signed.id) for signed in self.parties)

    @staticmethod
    def clock() -> int:
        """Tell the present in milliseconds."""
        return time.time_ns() // 1_000_000

    def sign(self, body: Body, *keys: SigningKey) -> Signed:
        """Sign a record that expires in an hour; each is another one."""
        record = make_record(
            body,
            ledger=self.ledger,
            signers=tuple(public(key) for key in keys),
            nonce=token_bytes(16),
            created=self.now,
            expires=self.now + HOUR,
        )
        data = encode_record(record)
        message = pre_authentication(data)
        return open_envelope(seal(data, tuple(key.sign(message).signature for key in keys)))

    def invoices(self, count: int) -> list[Signed]:
        """Issue so many invoices."""
        body = invoice(1).record.body
        assert isinstance(body, IssueInvoice)
        body = replace(body, seller=self.seller, buyer=self.buyer)
        return [self.sign(body, key_of("seller")) for _ in range(count)]

    def fill(self, folder: Path, entries: int) -> None:
        """Create a node's folder, and give its log so many entries at least, each signed, verified and committed."""
        init_node(folder, encode(self.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
        with open_folder(folder, {}) as opened:
            store, signer = start_ledger(opened, lambda: self.now)
            engine = EmbeddedEngine(store, signer, clock=lambda: self.now, bounds=Limits())
            engine.start()
            engine.submit(self.parties).result()
            answers = [engine.submit(self.invoices(BATCH)) for _ in range(UNDER_WAY)]
            while store.head.size < entries:
                answers.append(engine.submit(self.invoices(BATCH)))
                answers.pop(0).result()
            for answer in answers:
                answer.result()
            engine.stop()
            store.close()

    def enrol(self, name: str) -> Signed:
        """Enrol a party."""
        body = enrol(name).record.body
        assert isinstance(body, EnrolParty)
        return self.sign(replace(body, valid_from=self.now), MARKET, key_of(name))

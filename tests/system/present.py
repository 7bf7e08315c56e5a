"""A ledger that begins now, for nodes that read the machine's clock: their records must not have expired."""

import time
from secrets import token_bytes

from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.codec import encode_record, make_record, object_id
from hanse_ledger.envelope import Signed, open_envelope, pre_authentication, seal
from hanse_ledger.records import Body, EnrolParty, IssueInvoice
from hanse_ledger.trust import Genesis, ledger_id
from tests.node_ledger import GENESIS, HOUR, MARKET, enrol, invoice, key_of, public


class Present:
    """A genesis of this moment, and records for it."""

    def __init__(self) -> None:
        self.now = time.time_ns() // 1_000_000
        self.genesis: Genesis = replace(GENESIS, created=self.now)
        self.ledger = ledger_id(self.genesis)
        self.parties = [self.enrol("seller"), self.enrol("buyer")]
        self.seller, self.buyer = (object_id(signed.id) for signed in self.parties)

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

    def enrol(self, name: str) -> Signed:
        """Enrol a party."""
        body = enrol(name).record.body
        assert isinstance(body, EnrolParty)
        return self.sign(replace(body, valid_from=self.now), MARKET, key_of(name))

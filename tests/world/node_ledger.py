"""A small corridor with one node, for the tests of the node: keys, a genesis, and signed records made in bulk.

Everything follows from numbers, so that every run signs the same bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from hanse_ledger.blocks.block import Block, BlockBuilder, Created
from hanse_ledger.kinds.consignment.bodies import OpenConsignment
from hanse_ledger.kinds.declaration.bodies import DeclarationLine, LodgeDeclaration, Regime
from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.kinds.invoice.bodies import IssueInvoice, Tag
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.party.bodies import EnrolParty, KeyRevocation, PartyRole, RevokeKey
from hanse_ledger.kinds.payment.bodies import Allocation, InstructPayment
from hanse_ledger.kinds.shipment.bodies import DispatchShipment, Packages
from hanse_ledger.kinds.title.bodies import IssueTitle
from hanse_ledger.records.envelope import Signed, open_envelope, pre_authentication, seal
from hanse_ledger.records.record import encode_record, make_record
from hanse_ledger.values.keys import ed25519_key
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.membership import Cosigner, Member, MemberKey, MemberRole, Membership, Parameters
from hanse_ledger.wire.part import Body, Commitment
from hanse_node.base.config import Config, Limits
from hanse_node.base.folder import create_folder
from hanse_node.store.signedheads import Sign
from hanse_node.store.sql import SqlLedgerStore

START = 1_800_000_000_000
"""When the ledger begins, in milliseconds."""

HOUR = 3_600_000


def digest(*parts: object) -> bytes:
    """Make 32 bytes that look random from anything."""
    return sha256("/".join(map(str, parts)).encode()).digest()


@cache
def key_of(name: str) -> SigningKey:
    """Make the key of somebody, by name."""
    return SigningKey(digest("key", name))


def public(key: SigningKey) -> bytes:
    """Write a key's public half as a key of the wire."""
    return ed25519_key(key.verify_key.encode())


DEFAULTS = Limits(verify_processes=0)
MARKET = key_of("market")
LOG, COSIGN = digest("log"), digest("cosign")


def make_genesis(name: str = "test corridor") -> Genesis:
    """Make the genesis of a ledger with one member and one cosigner."""
    keys = (public(MARKET), public(key_of("market spare")))
    held = tuple(MemberKey(key=key, valid_from=0, valid_until=START * 2) for key in keys)
    market = Member(
        id="market", keys=held, name="The market", roles=(MemberRole.BANK, MemberRole.CUSTOMS, MemberRole.MARKETPLACE)
    )
    cosigner = Cosigner(
        cosigning_key=SigningKey(COSIGN).verify_key.encode(),
        id="market",
        log_key=SigningKey(LOG).verify_key.encode(),
        ml_dsa_key=None,
    )
    membership = Membership(
        cosigners=(cosigner,),
        epoch=0,
        members=(market,),
        parameters=Parameters(quorum=1, tag_epochs=(1,)),
    )
    return Genesis(created=START, membership=membership, name=name, nonce=digest(name)[:16], version=2)


GENESIS = make_genesis()


def sign(
    body: Body,
    *keys: SigningKey,
    nonce: object = 0,
    ledger: bytes = ledger_id(GENESIS),
    expires: int = START + 24 * HOUR,
) -> Signed:
    """Make a record of a body, signed by keys in order."""
    record = make_record(
        body,
        ledger=ledger,
        signers=tuple(public(key) for key in keys),
        nonce=digest("nonce", nonce)[:16],
        created=START,
        expires=expires,
    )
    data = encode_record(record)
    message = pre_authentication(data)
    return open_envelope(seal(data, tuple(key.sign(message).signature for key in keys)))


@cache
def enrol(name: str) -> Signed:
    """Enrol a party that may sell and buy."""
    body = EnrolParty(
        encryption_key=digest("encryption", name),
        identity=digest("identity", name),
        key=public(key_of(name)),
        member="market",
        repair=None,
        roles=(PartyRole.BUYER, PartyRole.CARRIER, PartyRole.SELLER),
        valid_from=START,
        valid_until=START * 2,
    )
    return sign(body, MARKET, key_of(name), nonce=name)


@cache
def party(name: str) -> ObjectId:
    """Name the party that `enrol` creates."""
    return created_id(enrol(name).id)


@cache
def invoice(number: int, seller: str = "seller", buyer: str = "buyer", *, tagged: bool = False) -> Signed:
    """Issue an invoice; each number makes another one."""
    body = IssueInvoice(
        buyer=party(buyer),
        consignment=None,
        currency="EUR",
        document=Commitment(discoverable=None, file=digest("file", number), terms=digest("terms", number)),
        due=None,
        issued="2027-01-15",
        minor_digits=2,
        payable_minor=10_000 + number,
        payload=None,
        seller=party(seller),
        tags=(Tag(epoch=1, value=digest("tag", number)),) if tagged else (),
        type_code="380",
    )
    return sign(body, key_of(seller), nonce=f"invoice {number}")


@cache
def revoke(name: str) -> Signed:
    """Revoke a party's key."""
    body = RevokeKey(
        compromised_since=None, key=public(key_of(name)), party=party(name), reason=KeyRevocation.SUPERSEDED
    )
    return sign(body, key_of(name), nonce=f"revoke {name}")


@cache
def shipment(number: int) -> Signed:
    """Dispatch the goods of an invoice; the seller carries them itself."""
    body = DispatchShipment(
        carrier=party("seller"),
        consignee=party("buyer"),
        consignment=None,
        consignor=party("seller"),
        document=Commitment(
            discoverable=digest("bytes", number), file=digest("waybill", number), terms=digest("way", number)
        ),
        packages=(Packages(count=number + 1, invoice=created_id(_tagged(number).id), unit="CT"),),
        payload=Payload(hash=digest("sealed", number), readers=(digest("reader", number),), size=1),
    )
    return sign(body, key_of("seller"), nonce=f"shipment {number}")


@cache
def title(number: int) -> Signed:
    """Issue a title on a shipment to the buyer."""
    body = IssueTitle(
        consignment=None,
        document=Commitment(discoverable=None, file=digest("bill", number), terms=digest("bill terms", number)),
        holder=party("buyer"),
        payload=None,
        shipment=created_id(shipment(number).id),
    )
    return sign(body, key_of("seller"), nonce=f"title {number}")


@cache
def consignment(number: int) -> Signed:
    """Open the folder of what an invoice is for; the buyer and the market write into it too."""
    body = OpenConsignment(members=("market",), opener=party("seller"), parties=(party("buyer"),), ucr=f"6CN-{number}")
    return sign(body, key_of("seller"), nonce=f"consignment {number}")


def _tagged(number: int) -> Signed:
    return invoice(number, tagged=True)


def of_everything(numbers: Iterable[int]) -> list[Signed]:
    """Make records that leave a row in every index, in an order in which the rules accept them.

    The first of them, whose number is 0, opens the market's office, which some of the others address.
    """
    opening = [open_office()] if 0 in numbers else []
    return [*opening, *(each for number in numbers for each in (*_carried(number), *_declared(number)))]


def _carried(number: int) -> list[Signed]:
    return [make(number) for make in (_tagged, shipment, title, consignment)]


def _declared(number: int) -> list[Signed]:
    return [] if number % 10 else [declare(number), pay(number)]


@cache
def open_office() -> Signed:
    """Open the market's office."""
    return sign(OpenOffice(encryption_key=digest("encryption"), member="market", profile=None), MARKET, nonce="office")


OFFICE = created_id(open_office().id)


@cache
def pay(number: int) -> Signed:
    """Instruct the payment of an invoice, to a bank that is no member."""
    body = InstructPayment(
        allocations=(Allocation(amount_minor=10, invoice=created_id(_tagged(number).id), pledge=None),),
        amount_minor=10,
        conditions=(),
        consignment=None,
        currency="EUR",
        debit=None,
        minor_digits=2,
        payee=party("seller"),
        payee_bank="DEUTDEFF",
        payer=party("buyer"),
        payer_bank="market",
        rail=None,
        uetr=f"00000000-0000-4000-8000-{number:012}",
    )
    return sign(body, key_of("buyer"), nonce=f"payment {number}")


@cache
def declare(number: int) -> Signed:
    """Declare an invoice's goods for export, to the market as a customs authority."""
    line = DeclarationLine(certificate=None, hs_code="0101", origin="CN", quantity_micro=1, source=None, unit="KGM")
    body = LodgeDeclaration(
        consignment=None,
        customs="market",
        declarant=party("seller"),
        invoices=(created_id(invoice(number, tagged=True).id),),
        lines=(line,),
        low_value=None,
        principal=None,
        regime=Regime.EXPORT,
    )
    return sign(body, key_of("seller"), nonce=f"declaration {number}")


PARTIES: Sequence[Signed] = (enrol("seller"), enrol("buyer"))


def make_folder(path: Path, limits: Limits = DEFAULTS, name: str = GENESIS.name) -> Path:
    """Create a node's folder, for the ledger of these tests or one of another name."""
    config = Config(cosigner="market", limits=limits)
    create_folder(path, make_genesis(name), log_seed=LOG, cosigning_seed=COSIGN, config=config)
    return path


def fixed_clock(at: int = START + HOUR) -> Callable[[], int]:
    """Make a clock that stands still."""
    return lambda: at


def commit(store: SqlLedgerStore, *batch: Signed, at: int = START + HOUR, sign: Sign | None = None) -> Block:
    """Apply records that the rules accept, and store them as one block."""
    block = build(store, *batch, at=at)
    store.append(block, sign)
    return block


def look(store: SqlLedgerStore) -> Any:
    """Read the newest committed state of a store: `look(store).entry(3)` is `Reads.entry`."""

    class Look:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            def read(*arguments: Any, **named: Any) -> Any:
                with store.reading() as reads:
                    return getattr(reads, name)(*arguments, **named)

            return read

    return Look()


def build(store: SqlLedgerStore, *batch: Signed, at: int = START + HOUR) -> Block:
    """Make the next block of records that the rules accept, and leave the store as it is."""
    with store.work() as work:
        work.state.prefetch(batch)
        builder = BlockBuilder(store.ledger, work.head, work.state, at)
        for signed in batch:
            outcome = builder.add(signed)
            assert isinstance(outcome, Created), outcome
        block = work.finish(builder)
    assert block is not None
    return block

"""What the SDK says of itself: ids in text, help that is whole, and no yes or no where there is none."""

import inspect

import msgspec
import pytest

from hanse_client.aio import AsyncClient
from hanse_client.base.identifiers import PrintedBytes, parse_id
from hanse_client.base.views import Outcome, Receipt
from hanse_client.client import Client
from hanse_client.resources import certificates, declarations, invoices, keys, members, parties, payments
from hanse_client.sync.certificates import Certificates
from hanse_client.sync.declarations import Declarations
from hanse_client.sync.invoices import Invoices
from hanse_client.sync.keys import Keys
from hanse_client.sync.members import Members
from hanse_client.sync.parties import Parties
from hanse_client.sync.payments import Payments
from hanse_ledger.kinds.invoice.bodies import CancelInvoice
from hanse_ledger.proofs.statement import ended
from hanse_ledger.values.messages import unsaid
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode

RESOURCES = [
    (Certificates, certificates.AsyncCertificates),
    (Declarations, declarations.AsyncDeclarations),
    (Invoices, invoices.AsyncInvoices),
    (Members, members.AsyncMembers),
    (Keys, keys.AsyncKeys),
    (Parties, parties.AsyncParties),
    (Payments, payments.AsyncPayments),
    (Client, AsyncClient),
]
ID = bytes(range(32))


def public(kind: type) -> dict[str, object]:
    """Give the public methods of a class, and how it is made where callers make it."""
    found = {name: method for name, method in vars(kind).items() if not name.startswith("_")}
    return found | ({"__init__": kind.__init__} if kind in (Client, AsyncClient) else {})


@pytest.mark.parametrize(("blocking", "calls"), RESOURCES)
def test_help_of_a_blocking_class_says_everything(blocking: type, calls: type) -> None:
    """Each method has its namesake's words and parameters, and none is missing."""
    said, known = public(blocking), public(calls)
    assert set(said) == set(known)
    for name, method in said.items():
        if not inspect.isfunction(method):
            continue
        namesake = known[name]
        assert inspect.isfunction(namesake)
        assert method.__doc__ == namesake.__doc__
        ours, theirs = (list(inspect.signature(each).parameters.values()) for each in (method, namesake))
        assert ours == theirs, name


def test_ids_print_as_hexadecimal() -> None:
    """What is printed of a receipt can be pasted into a command; the value is the same bytes, and goes into records."""
    receipt = Receipt(
        record_id=ID,
        object_id=ID,
        kind="invoice.issue",
        outcome=Outcome.CREATED,
        position=1,
        height=1,
        time_ms=1,
        size=2,
    )
    assert (str(receipt.object_id), str(receipt.id)) == (ID.hex(), ID.hex())
    assert ID.hex() in repr(receipt)
    assert (receipt.object_id, hash(receipt.object_id)) == (ID, hash(ID))
    assert type(parse_id(receipt.object_id)) is bytes
    assert parse_id(str(receipt.object_id)) == ID
    assert encode(CancelInvoice(invoice=receipt.object_id)) == encode(CancelInvoice(invoice=ID))
    moved = msgspec.structs.replace(receipt, position=2)
    assert isinstance(moved.object_id, PrintedBytes)


def test_what_is_no_value_of_a_record_is_still_refused() -> None:
    """Bytes of another class are bytes; nothing else is taken for them."""
    with pytest.raises(TypeError):
        encode(CancelInvoice(invoice=object()))  # type: ignore[arg-type]  # what no caller may do


@pytest.mark.parametrize("verdict", Verdict)
def test_a_report_is_no_yes_or_no(verdict: Verdict) -> None:
    """`if client.verify(…):` would pass whatever the report says, so that it is refused."""
    with pytest.raises(TypeError, match="compare its verdict"):
        bool(ended(verdict, unsaid(""), ()))

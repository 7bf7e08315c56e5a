"""A file that an invoice is pledged to nobody is handed over only where the same invoice is pledged nowhere else."""

from typing import cast

import anyio
import pytest

from hanse_client.base.errors import InvalidInput
from hanse_client.exchange.session import Session
from hanse_client.resources import invoices
from hanse_client.resources.invoices import AsyncInvoices
from hanse_ledger.proofs.prooffile import write_proof
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders
from tests.world.trade.pledging import claim_pledge, invoice_of

PLEDGE = bytes(range(32))


def asked(corridor: Corridor, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Ask the SDK for it, of a node whose proof of this corridor has been verified."""
    proof = write_proof(ProofMaker(corridor).proof(corridor.id["invoice"]))

    async def verified(*_: object) -> bytes:
        return proof

    monkeypatch.setattr(invoices, "fetch_proof", verified)
    nobody = cast("Session", None)  # of whom nothing else is asked
    return anyio.run(AsyncInvoices(nobody).unpledged, corridor.id["invoice"])


def test_a_twin_that_is_pledged_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it the file is handed over; after it the bank is told by which pledge."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    assert asked(corridor, monkeypatch)
    claim_pledge(corridor, invoice_of(corridor).links.tags[-1], PLEDGE)
    with pytest.raises(InvalidInput) as caught:
        asked(corridor, monkeypatch)
    name = corridor.id["invoice"].hex()
    assert caught.value.message == f"The same invoice as {name} is pledged under another record, by {PLEDGE.hex()}."
    assert PLEDGE.hex() in str(caught.value)

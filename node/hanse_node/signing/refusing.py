"""Signing that the rules have refused a record, so that whoever sent it can show it. See docs/formats/refusal.md."""

from collections.abc import Callable

from hanse_ledger.kinds.reasons import refused_kind, rule_of
from hanse_ledger.kinds.refusals import KEY_NOT_ADMITTED, SIGNATURE_INVALID
from hanse_ledger.misbehaviour.refusalfile import MOST_TEXT, RefusalStatement, SignedRefusal, statement_message
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import Checkpoint
from hanse_ledger.values.types import LedgerId
from hanse_ledger.wire.membership import Membership
from hanse_node.base.receipts import Receipt
from hanse_node.signing.cosign import HeadSigner

UNSIGNED = (KEY_NOT_ADMITTED, SIGNATURE_INVALID)
"""A record that does not bear its signers' signatures is nobody's: nothing is said of it."""


class RefusalSigner:
    """Signs refusals as this node. Any thread may ask."""

    def __init__(self, signer: HeadSigner, ledger: LedgerId, membership: Callable[[], Membership]) -> None:
        """Sign with `signer`, of a ledger, while its members name this node."""
        self._signer, self._ledger, self._membership = signer, ledger, membership

    def sign(self, signed: Signed, receipt: Receipt, head: Checkpoint) -> SignedRefusal | None:
        """Sign that a record was refused, beside the newest signed head; nil where nothing is to be said of it."""
        refusal = receipt.refusal
        if refusal is None or refusal.reason in UNSIGNED or signed.record.ledger != self._ledger:
            return None
        if not self._signer.in_force(self._membership()):
            return None
        statement = RefusalStatement(
            code=refusal.reason.value,
            height=receipt.height,
            ledger=self._ledger,
            member=self._signer.cosigner,
            pointer=refusal.pointer[:MOST_TEXT],
            record=signed.id,
            root=head.root,
            rule=rule_of(refused_kind(signed.record.body, refusal.pointer), refusal.reason, refusal.pointer),
            seen=refusal.seen[:MOST_TEXT],
            size=head.size,
            time=receipt.time,
            wanted=refusal.wanted[:MOST_TEXT],
        )
        return SignedRefusal(signature=self._signer.sign_own(statement_message(statement)), statement=statement)

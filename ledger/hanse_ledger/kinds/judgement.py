"""How far an object may be relied on."""

from msgspec import Struct

from hanse_ledger.values.messages import Said
from hanse_ledger.values.verdict import Verdict


class Judgement(Struct, frozen=True):
    """The verdict over an object, its state in a word, and the reason.

    `told` is the state as a statement says it, where a word does not say enough: for how much an invoice is accepted.
    """

    verdict: Verdict
    state: Said
    detail: Said
    told: Said | None = None

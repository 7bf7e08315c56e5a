"""How far an object may be relied on."""

from msgspec import Struct

from hanse_ledger.values.verdict import Verdict


class Judgement(Struct, frozen=True):
    """The verdict over an object, its state in a word, and the reason."""

    verdict: Verdict
    state: str
    detail: str

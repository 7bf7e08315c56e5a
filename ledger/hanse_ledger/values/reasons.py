"""Why a record is refused: a value that travels, and its words.

Each reason stands beside the rule that gives it, in `kinds/<object>/refusals.py`; `kinds.reasons` has all of them.
"""

from dataclasses import dataclass

from hanse_ledger.values.messages import Said


@dataclass(frozen=True)
class Reason:
    """Why a record is refused. `value` is wire format: never renamed and never reused.

    Attributes:
        value: what travels, such as `tag-taken`.
        message: what is wrong.
        action: what whoever can act should do.
        rule: the number of the general rule that gives it; without one the rule of the record's kind does.
    """

    value: str
    message: str
    action: str
    rule: str = ""

    def said(self) -> Said:
        """Say what is wrong. In a catalogue it is `reason.` and the value; `.action` behind that, what to do."""
        return Said(f"reason.{self.value}", (), self.message)

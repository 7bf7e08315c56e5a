"""What random histories have tried, counted: each kind, accepted and refused, and each reason of a refusal.

    PYTHONPATH=. python -m tests.property.trying.counted --histories 1000

prints a table in Markdown, and fails where something was never tried. Whatever the rules accept is tried a dozen times
besides, with one place spoiled (`spoiling`): so a refusal is met behind all those that come before it.
"""

import argparse
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.reasons import ALL
from hanse_ledger.records.envelope import Signed
from hanse_ledger.transition import transition
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.types import Moment
from tests.property.histories import Player, drawn

VARIANTS = 12

BEFORE_THE_RULES = frozenset({"signature-invalid", "key-not-admitted"})
"""Reasons that an envelope has before a rule is asked."""

NO_RECORD_LEADS_TO = frozenset({"consignment-full", "not-in-electorate", "order-unknown", "tag-pledged"})
"""Reasons for states to which no record of this version leads, or a thousand (see `tests/vectors/generate.py`)."""

FULL = frozenset(
    {
        *("too-many-ended", "too-many-officers", "too-many-writers", "evidence-bound"),
        *("too-many-readers", "held-too-often"),
    }
)
"""Reasons of bounds: sixteen, thirty-two or two hundred and fifty-six of one thing. Their tables fill them."""

MEMBERS_CHANGED = frozenset(
    {
        *("office-closed", "signer-suspended", "member-suspended", "member-without-key"),
        *("too-few-cosigners", "too-few-members", "too-many-keys"),
    }
)
"""Reasons for ledgers whose members have left, are suspended, or have lost their keys: changes that most histories of
single records vote down. `tests/world/departures.py` leads there, and the tables try them."""

ELSEWHERE = BEFORE_THE_RULES | NO_RECORD_LEADS_TO | FULL | MEMBERS_CHANGED
"""What histories are not asked to meet."""


@dataclass
class Tried:
    """How often each kind was accepted and refused, and each reason given."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def play(self, numbers: Iterable[int]) -> None:
        """Play the histories of these numbers, and count."""
        for number in numbers:
            player, chance = Player(), Random(number)  # noqa: S311 (it draws tests, no secrets)
            for turn in drawn(number):
                for move in turn.moves:
                    at = player.corridor.head.time + turn.step_ms
                    signed = player.sign(move, at)
                    if not self._judge(player, move.kind, signed, at):
                        continue
                    for _ in range(VARIANTS):
                        variant = player.sign(move._replace(spoil=chance.randrange(1, 2**32)), at)
                        self._judge(player, move.kind, variant, at)
                    player.corridor.apply_all([signed], at)

    def never(self) -> list[str]:
        """Name what was never tried: kinds accepted or refused, and reasons, but for those of elsewhere."""
        return self.idle() + [reason for reason in self.unmet() if reason not in ELSEWHERE]

    def idle(self) -> list[str]:
        """Name the kinds that were never accepted, or never refused."""
        kinds = {f"{kind.name} accepted" for kind in KINDS if not self.accepted[kind.name]}
        return sorted(kinds | {f"{kind.name} refused" for kind in KINDS if not self.refused[kind.name]})

    def unmet(self) -> list[str]:
        """Name the reasons that were never given, in the order of the rules."""
        return [reason.value for reason in ALL if not self.reasons[reason.value]]

    def _judge(self, player: Player, kind: str, signed: Signed, at: Moment) -> bool:
        ledger = player.corridor.ledger
        try:
            transition(ledger, signed, ledger.ledger, at)
        except Rejected as error:
            self.refused[kind] += 1
            self.reasons[error.reason.value] += 1
            return False
        self.accepted[kind] += 1
        return True


def main() -> int:
    """Play histories and print what they have tried; 1 where something was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    tried = Tried()
    tried.play(range(options.first, options.first + options.histories))
    say(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    say("| Kind | Accepted | Refused |\n| --- | --- | --- |")
    for kind in KINDS:
        say(f"| `{kind.name}` | {tried.accepted[kind.name]:,} | {tried.refused[kind.name]:,} |")
    given = sorted(tried.reasons.items(), key=lambda row: (row[1], row[0]))
    say(f"\n{len(given)} of {len(ALL)} reasons: " + ", ".join(f"`{name}` {count:,}" for name, count in given))
    say("\nnever: " + ", ".join(tried.unmet()))
    never = tried.never()
    say("\nnot tried, and asked for: " + (", ".join(never) or "nothing"))
    return 1 if never else 0


def say(words: str) -> None:
    """Print a line."""
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    sys.exit(main())

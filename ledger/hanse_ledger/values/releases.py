"""Which release reads which format: one closed table, so that a file of another release is refused by name.

Wire bytes may change until they freeze as version 1 of the rules. A format whose bytes change gets the next number, and
a release reads the newest numbers alone: what it says of others is which release checks them. Nothing else in a file
of another number is judged.
"""

from collections.abc import Mapping
from types import MappingProxyType

from hanse_ledger.values.messages import Said, said

FIRST, THIS = "0.1", "0.2"
_NONE = ""

GENESIS = "genesis"
"""Stands in the table under this name; its number is the field `version`. Records, entries and state follow it."""

READ_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        GENESIS: (FIRST, THIS),
        "hanse.alike": (THIS,),
        "hanse.backup": (THIS,),
        "hanse.backups": (THIS,),
        "hanse.contradiction": (THIS,),
        "hanse.counterparties": (THIS,),
        "hanse.doublevote": (THIS,),
        "hanse.draft": (THIS,),
        "hanse.enrolment-request": (THIS,),
        "hanse.heads": (THIS,),
        "hanse.highwater": (_NONE, THIS),
        "hanse.identity": (THIS,),
        "hanse.keyring": (THIS,),
        "hanse.member": (FIRST, THIS),
        "hanse.members": (_NONE, THIS),
        "hanse.misstatement": (FIRST, THIS),
        "hanse.network": (FIRST, THIS),
        "hanse.opening": (FIRST, THIS),
        "hanse.program": (THIS,),
        "hanse.proof": (FIRST, THIS),
        "hanse.proposals": (THIS,),
        "hanse.received-terms": (THIS,),
        "hanse.refusal": (THIS,),
        "hanse.registered": (THIS,),
        "hanse.publication": (THIS,),
        "hanse.status": (THIS,),
        "hanse.tag-key": (THIS,),
        "hanse.tokens": (THIS,),
        "hanse.trees": (_NONE, THIS),
        "hanse.trust": (FIRST, THIS),
        "hanse.unsettled": (THIS,),
    }
)
"""By format, for each number from 1 on the newest release that reads it, and nothing for a number that none had.

This release reads the last number of each.
"""


def is_read(name: str, number: int) -> bool:
    """Tell whether this release reads a format of so much a number."""
    return number == len(READ_BY[name])


def other_release(name: str, number: int) -> Said:
    """Say which release reads a format of a number that this one does not read, and what to do."""
    stated = f"{name}/{number}"
    release = READ_BY[name][number - 1] if 1 <= number < len(READ_BY[name]) else _NONE
    if release:
        return said(
            "release.older",
            "its format is {format}, which release {release} reads, and not {this} of Hanse: use release {release} for "
            "it",
            stated,
            release,
            THIS,
        )
    if number > len(READ_BY[name]):
        return said(
            "release.newer",
            "its format is {format}, which is newer than release {this} of Hanse: use a newer release for it",
            stated,
            THIS,
        )
    return said("release.none", "its format is {format}, which no release has: ask whoever made it", stated)

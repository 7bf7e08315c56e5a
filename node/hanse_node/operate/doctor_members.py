"""Looking at the members: who is gone, on whom others' papers may still hang, and whose keys are about to end."""

from hanse_ledger.values.types import Moment
from hanse_ledger.wire.membership import Membership, ending_keys
from hanse_node.operate.diagnosis import Findings, good, warn

LEFT = (
    "Who holds its certificates goes on with them until they end; the parties that it enrolled move to another member: "
    "hanse party request-move. docs/rules.md has every right and its way out"
)


def examine_members(first: Membership, present: Membership | None, now: Moment) -> Findings:
    """Look at the members.

    Args:
        first: the members of the genesis.
        present: the members in force, as the database has them; nil where it has not been read.
        now: the present in milliseconds since 1970.
    """
    members = present or first
    left = [member.id for member in first.members if members.member(member.id) is None]
    suspended = [member.id for member in members.members if member.suspended]
    for name in left:
        yield warn("members", f"{name} has left since the ledger began", LEFT)
    for name in suspended:
        fix = f"Reinstate it: hanse member propose --reinstate {name}; or have it removed. Until then: {LEFT}"
        yield warn("members", f"{name} is suspended, and signs nothing", fix)
    if not left and not suspended:
        yield good("members", f"{len(members.members)}, none of them suspended")
    ending = ending_keys(members, now)
    for name, end in ending:
        when = "has ended" if end <= now else f"ends in {(end - now) // (24 * 3_600_000)} days"
        fix = f"Have new keys voted for while one still counts: hanse member propose --key {name}=KEY,KEY"
        yield warn("members' keys", f"the last key of {name} {when}", fix)
    if not ending:
        yield good("members' keys", "every member has one for 90 days and more")

"""Members on whom something hangs and who are gone: said where it is shown, with what others can do about it.

As `docs/rules.md` has it, "Who holds a right, and what if they are gone": nothing becomes void by it.
"""

from collections.abc import Iterator

from hanse_client.base.objects import CertificateView, DeclarationView, ObjectView, OfficeView, PartyView, PaymentView
from hanse_client.base.views import Notice
from hanse_ledger.kinds.certificate.state import CertificateState
from hanse_ledger.kinds.payment.banks import carries, confirms
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.membership import MemberRole, Membership, ending_keys, why_gone

GONE = "member-gone"
KEYS_END = "keys-end"

_OVER = frozenset(
    {
        *("key revoked", "lapsed", "refused", "rejected", "released", "released in part", "replaced", "returned"),
        *("revoked", "withdrawn"),
    }
)
"""States in which nobody has to do anything any more."""

CERTIFICATE = (
    "The certificate is not void: it ends with its validity, and until then nobody can revoke it; customs decides "
    "about each use of it."
)
APPLICATION = "Nobody can decide about it: hanse certificate withdraw, and apply to another issuer."
PARTY = (
    "The party signs and trades on; it should move to another member: hanse party request-move, then both sign with "
    "hanse party move."
)
OFFICE = "The office does nothing until its member is back: name another member's instead."
SUSPENDED = "It signs nothing until the others reinstate it: hanse member propose --reinstate {}."
DECLARATION = "Nobody can decide about it: hanse declaration withdraw, and lodge it with another authority."
CONFIRMING = "It cannot be confirmed: hanse payment withdraw, and instruct another through another bank."
REJECTING = "It cannot be rejected; if it is not carried out, the payer takes it back: hanse payment withdraw."


def hangs_on_members(view: ObjectView) -> bool:
    """Tell whether somebody would miss a member: something hangs on one, and is not over."""
    return view.state not in _OVER and any(True for _ in _hangs_on(view))


def gone_from(membership: Membership, view: ObjectView) -> tuple[Notice, ...]:
    """Name the members on whom an object hangs and who are gone, with what to do; none for what is over.

    Args:
        membership: the members in force.
        view: the object as it stands.
    """
    if view.state in _OVER:
        return ()
    return tuple(
        Notice(code=GONE, message=f"{what} {name} {why}.", action=action)
        for what, name, role, action in _hangs_on(view)
        if (why := why_gone(membership, name, role, view.as_of_ms))
    )


def gone_members(membership: Membership, now: Moment) -> tuple[Notice, ...]:
    """Name the members who sign nothing, and those whose last key ends within ninety days, with what to do."""
    suspended = tuple(
        Notice(code=GONE, message=f"{member.id} is suspended.", action=SUSPENDED.format(member.id))
        for member in membership.members
        if member.suspended
    )
    ending = tuple(
        Notice(
            code=KEYS_END,
            message=f"The last key of {name} {'has ended' if end <= now else 'ends'} {moment_words(end)}.",
            action=f"Have new ones voted for while one still counts: hanse member propose --key {name}=KEY,KEY",
        )
        for name, end in ending_keys(membership, now)
    )
    return suspended + ending


def _hangs_on(view: ObjectView) -> Iterator[tuple[str, MemberId, MemberRole | None, str]]:
    match view:
        case CertificateView(links=links, status=status):
            action = APPLICATION if status.state is CertificateState.APPLIED else CERTIFICATE
            yield "Its issuer", links.issuer, MemberRole.ORIGIN_ISSUER, action
        case OfficeView(links=links):
            yield "Its member", links.member, None, OFFICE
        case PartyView(links=links):
            yield "Its member", links.member, None, PARTY
        case DeclarationView(links=links):
            yield "The authority", links.customs, MemberRole.CUSTOMS, DECLARATION
        case PaymentView(links=links, amounts=amounts) if amounts.under_way_minor > 0:
            yield "The payee's bank", confirms(links), MemberRole.BANK, CONFIRMING
            yield "The payer's bank", carries(links), MemberRole.BANK, REJECTING
        case _:
            return

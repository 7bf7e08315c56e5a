"""The rules of mandates."""

from msgspec.structs import replace

from hanse_ledger.kinds.amount import Amount
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    ascending,
    find,
    find_active_member,
    require,
    require_alone,
    require_only,
)
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.mandate.bodies import GrantMandate, RevokeMandate
from hanse_ledger.kinds.mandate.refusals import (
    KIND_NOT_COVERABLE,
    KIND_NOT_COVERED,
    MANDATARY_IS_PRINCIPAL,
    MANDATARY_MISSING,
    MANDATARY_UNCLEAR,
    MANDATE_AMOUNT_EXCEEDED,
    MANDATE_CURRENCY_DIFFERS,
    MANDATE_INACTIVE,
    MANDATE_NOT_BY_PRINCIPAL,
    MANDATE_REVOKED,
    MANDATE_SUM_EXCEEDED,
    MANDATE_UNKNOWN,
    MANDATE_WITHOUT_LIMIT,
    NOT_PRINCIPAL_OR_MANDATARY,
)
from hanse_ledger.kinds.mandate.state import Mandate, MandateAmounts, MandateLinks, MandateScope, MandateStatus
from hanse_ledger.kinds.office.refusals import KINDS_NOT_SORTED
from hanse_ledger.kinds.party.refusals import VALIDITY_EMPTY, VALIDITY_PAST
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import MemberId, Moment, ObjectId


def grant_mandate(state: StateView, body: GrantMandate, signers: Signers, context: Context) -> Delta:
    """B-1. A party lets another one, or a member, sign in its place: what, for how much, from when until when."""
    find_active_party(state, body.principal, None, context.at, "/body/principal")
    require_alone(signers, body.principal, MANDATE_NOT_BY_PRINCIPAL)
    require((body.member is None) != (body.party is None), MANDATARY_UNCLEAR, "/body/party")
    require(body.party != body.principal, MANDATARY_IS_PRINCIPAL, "/body/party", seen=body.principal)
    if body.member is not None:
        find_active_member(state, body.member, None, context.at, "/body/member")
    if body.party is not None:
        find_active_party(state, body.party, None, context.at, "/body/party")
    require(ascending(body.kinds), KINDS_NOT_SORTED, "/body/kinds")
    strange = [name for name in body.kinds if name not in context.coverable]
    require(not strange, KIND_NOT_COVERABLE, "/body/kinds", seen=", ".join(strange))
    until = moment_words(body.valid_until)
    require(body.valid_from < body.valid_until, VALIDITY_EMPTY, "/body/valid_until", seen=until)
    require(context.at < body.valid_until, VALIDITY_PAST, "/body/valid_until", seen=until)

    # From here the grant must succeed.
    limit, amounts = body.limit, None
    if limit is not None:
        amounts = MandateAmounts(
            currency=limit.currency,
            each_minor=limit.each_minor,
            minor_digits=limit.minor_digits,
            total_minor=limit.total_minor,
            used_minor=0,
        )
    mandate = Mandate(
        id=context.creates,
        seed=context.seed,
        amounts=amounts,
        history=NO_HISTORY,
        links=MandateLinks(member=body.member, party=body.party, principal=body.principal),
        scope=MandateScope(kinds=body.kinds, valid_from=body.valid_from, valid_until=body.valid_until),
        status=MandateStatus(revoked=False),
    )
    return Delta(objects=(mandate,))


def revoke_mandate(state: StateView, body: RevokeMandate, signers: Signers, context: Context) -> Delta:
    """B-2. The principal or the mandatary ends a mandate; the revocation acts from now on."""
    mandate = find_mandate(state, body.mandate, "/body/mandate")
    links = mandate.links
    by_mandatary = links.party in signers.parties if links.member is None else links.member in signers.members
    require(
        links.principal in signers.parties or by_mandatary,
        NOT_PRINCIPAL_OR_MANDATARY,
        "/signers",
        wanted=links.principal,
    )
    require_only(signers, 1)
    require(not mandate.status.revoked, MANDATE_REVOKED, "/body/mandate", seen=body.mandate)

    # From here the revocation must succeed.
    return Delta(
        objects=(replace(mandate, status=MandateStatus(revoked=True)),),
        claims={claim_key(ClaimKind.ENDED_MANDATE, mandate.id): context.record},
    )


def find_mandate(state: StateView, object_id: ObjectId, pointer: str) -> Mandate:
    """Find a mandate, or refuse."""
    return find(state, object_id, Mandate, MANDATE_UNKNOWN, pointer)


def use_mandate(
    state: StateView,
    mandate: Mandate,
    kind: str,
    amount: Amount | None,
    *,
    members: frozenset[MemberId],
    parties: frozenset[ObjectId],
    at: Moment,
    pointer: str,
) -> Mandate:
    """B-3. The mandatary of a mandate in force signs what it covers; the amount is drawn from its sum.

    Args:
        state: the present.
        mandate: as the record before has left it.
        kind: of the record that names it.
        amount: of money that this record names; nil for none.
        members: whose keys or officers sign the record.
        parties: whose keys sign it.
        at: block time.
        pointer: where the record names the mandate.
    """
    links, scope = mandate.links, mandate.scope
    require(not mandate.status.revoked, MANDATE_REVOKED, pointer, seen=mandate.id)
    require(
        scope.valid_from <= at < scope.valid_until,
        MANDATE_INACTIVE,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(scope.valid_from)} to {moment_words(scope.valid_until)}",
    )
    find_active_party(state, links.principal, None, at, pointer)
    signs = links.party in parties if links.member is None else links.member in members
    require(signs, MANDATARY_MISSING, pointer, wanted=links.member or links.party or b"")
    require(kind in scope.kinds, KIND_NOT_COVERED, pointer, seen=kind, wanted=", ".join(scope.kinds))
    return mandate if amount is None else _drawn(mandate, amount, pointer)


def _drawn(mandate: Mandate, amount: Amount, pointer: str) -> Mandate:
    """Draw an amount from a mandate's sum, or refuse."""
    amounts = mandate.amounts
    text = money_text(amount.minor, amount)
    require(amounts is not None, MANDATE_WITHOUT_LIMIT, pointer, seen=text)
    assert amounts is not None
    require(
        (amount.currency, amount.minor_digits) == (amounts.currency, amounts.minor_digits),
        MANDATE_CURRENCY_DIFFERS,
        pointer,
        seen=text,
        wanted=f"{amounts.currency} with {amounts.minor_digits} decimal places",
    )
    require(
        amount.minor <= amounts.each_minor,
        MANDATE_AMOUNT_EXCEEDED,
        pointer,
        seen=text,
        wanted=lambda: f"at most {money_text(amounts.each_minor, amounts)}",
    )
    require(
        amount.minor <= amounts.left_minor,
        MANDATE_SUM_EXCEEDED,
        pointer,
        seen=text,
        wanted=lambda: f"at most {money_text(amounts.left_minor, amounts)}",
    )
    return replace(mandate, amounts=replace(amounts, used_minor=amounts.used_minor + amount.minor))

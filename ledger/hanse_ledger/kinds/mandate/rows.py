"""The rows of mandates."""

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.kind import (
    Kind,
    Listed,
    ObjectType,
    no_claims,
    no_key,
    no_object,
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.mandate import samples
from hanse_ledger.kinds.mandate.bodies import GrantMandate, RevokeMandate
from hanse_ledger.kinds.mandate.refusals import MANDATE_UNKNOWN
from hanse_ledger.kinds.mandate.rules import grant_mandate, revoke_mandate
from hanse_ledger.kinds.mandate.state import Mandate, MandateAmounts
from hanse_ledger.kinds.mandate.status import judged
from hanse_ledger.kinds.power import Power

MANDATE = ObjectType(
    name="mandate",
    state=Mandate,
    unknown=MANDATE_UNKNOWN,
    beside=frozenset({"amounts", "history", "links", "scope", "status"}),
    sums={MandateAmounts: ("used_minor",)},
    judged=judged,
    behind=None,
    acts=False,
    found_by=(),
    listed=Listed(
        state=lambda mandate: "revoked" if mandate.status.revoked else "granted",
        open=frozenset({"granted"}),
        ended=frozenset({"revoked"}),
        whose=lambda mandate: (mandate.links.principal, mandate.links.party, mandate.links.member),
        waits={},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)

GRANT = Kind(
    name="mandate.grant",
    number="B-1",
    body=GrantMandate,
    rule=grant_mandate,
    object=MANDATE,
    creates=True,
    about=no_object,
    references=lambda body: (body.party, body.principal),
    addresses=lambda body: () if body.member is None else (body.member,),
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.grant,
)

REVOKE = Kind(
    name="mandate.revoke",
    number="B-2",
    body=RevokeMandate,
    rule=revoke_mandate,
    object=MANDATE,
    creates=False,
    about=lambda body: body.mandate,
    references=lambda body: (body.mandate,),
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.ACT,),
    amount=no_amount,
    sample=samples.revoke,
)

KINDS = (GRANT, REVOKE)

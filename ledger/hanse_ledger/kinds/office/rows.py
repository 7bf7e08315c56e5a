"""The rows of offices."""

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.kind import (
    Kind,
    Listed,
    ObjectType,
    no_claims,
    no_key,
    no_object,
    no_references,
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.office import samples
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, OpenOffice, SetOffice
from hanse_ledger.kinds.office.refusals import OFFICE_UNKNOWN
from hanse_ledger.kinds.office.rules import appoint_officer, dismiss_officer, open_office, set_office
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.office.status import judged
from hanse_ledger.values.types import ObjectId

OFFICE = ObjectType(
    name="office",
    state=Office,
    unknown=OFFICE_UNKNOWN,
    beside=frozenset({"history", "inbox", "links", "officers", "settings"}),
    sums={},
    judged=judged,
    behind=None,
    acts=True,
    found_by=(),
    listed=Listed(
        state=lambda _: "open",
        open=frozenset({"open"}),
        ended=frozenset(),
        whose=lambda office: (office.links.member,),
        waits={},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)


def _own(body: AppointOfficer | DismissOfficer | SetOffice) -> ObjectId:
    return body.office


def _named(body: AppointOfficer | DismissOfficer | SetOffice) -> tuple[ObjectId, ...]:
    return (body.office,)


OPEN = Kind(
    name="office.open",
    number="F-1",
    body=OpenOffice,
    rule=open_office,
    object=OFFICE,
    creates=True,
    about=no_object,
    references=no_references,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=lambda body: (claim_key(ClaimKind.OFFICE, body.member.encode()),),
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.opening,
)

APPOINT = Kind(
    name="office.appoint",
    number="F-2",
    body=AppointOfficer,
    rule=appoint_officer,
    object=OFFICE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=lambda _, body: body.key,
    claims=lambda body: (claim_key(ClaimKind.KEY, body.key),),
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.appointment,
)

DISMISS = Kind(
    name="office.dismiss",
    number="F-3",
    body=DismissOfficer,
    rule=dismiss_officer,
    object=OFFICE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=lambda body: (claim_key(ClaimKind.REVOKED_KEY, body.key),),
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.dismissal,
)

SET = Kind(
    name="office.set",
    number="F-4",
    body=SetOffice,
    rule=set_office,
    object=OFFICE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.settings,
)

KINDS = (OPEN, APPOINT, DISMISS, SET)

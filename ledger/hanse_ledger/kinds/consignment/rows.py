"""The rows of consignments."""

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.consignment import samples
from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.consignment.refusals import CONSIGNMENT_UNKNOWN
from hanse_ledger.kinds.consignment.rules import add_to_consignment, open_consignment
from hanse_ledger.kinds.consignment.state import Consignment, ConsignmentItems
from hanse_ledger.kinds.consignment.status import judged
from hanse_ledger.kinds.kind import (
    FoundBy,
    Kind,
    Listed,
    ObjectType,
    no_claims,
    no_key,
    no_object,
    no_worth,
    of_no_others,
)
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, ObjectId

CONSIGNMENT = ObjectType(
    name="consignment",
    state=Consignment,
    unknown=CONSIGNMENT_UNKNOWN,
    beside=frozenset({"contents", "history", "links", "writers"}),
    sums={ConsignmentItems: ("items",)},
    judged=judged,
    behind=None,
    acts=False,
    # A UCR may hold what no address does: it is found by its hash.
    found_by=(
        FoundBy[Consignment](
            name="consignment_of_ucr", keys=lambda consignment: (hash_bytes(consignment.links.ucr.encode()),)
        ),
    ),
    listed=Listed(
        state=lambda _: "open",
        open=frozenset({"open"}),
        ended=frozenset(),
        whose=lambda consignment: (
            consignment.links.opener,
            *consignment.writers.parties,
            *consignment.writers.members,
        ),
        waits={},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)


def _opened(body: OpenConsignment) -> tuple[ObjectId, ...]:
    return (body.opener, *body.parties)


def _added(body: AddToConsignment) -> tuple[ObjectId | None, ...]:
    return (body.consignment, body.item, body.writer_party, *body.new_parties)


def _own(body: AddToConsignment) -> ObjectId | None:
    """Be the consignment's own record where it names writers; what is put in only adds to a sum of it."""
    return body.consignment if body.new_members or body.new_parties else None


def _claims(body: OpenConsignment) -> tuple[Digest, ...]:
    return (claim_key(ClaimKind.UCR, body.opener, body.ucr.encode()),)


OPEN = Kind(
    name="consignment.open",
    number="U-1",
    body=OpenConsignment,
    rule=open_consignment,
    object=CONSIGNMENT,
    creates=True,
    about=no_object,
    references=_opened,
    addresses=lambda body: body.members,
    introduces=no_key,
    presents=no_key,
    claims=_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.open_folder,
)

ADD = Kind(
    name="consignment.add",
    number="U-2",
    body=AddToConsignment,
    rule=add_to_consignment,
    object=CONSIGNMENT,
    creates=False,
    about=_own,
    references=_added,
    addresses=lambda body: body.new_members,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.CARRY,),
    amount=no_amount,
    sample=samples.add,
)

KINDS = (OPEN, ADD)

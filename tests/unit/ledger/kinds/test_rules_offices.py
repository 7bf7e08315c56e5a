"""Rules F-1 to F-6: offices, who acts for them, and four eyes."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds import COVERABLE, KINDS, PAIRED
from hanse_ledger.kinds.bundle.rules import StateAfter
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.member.refusals import MEMBER_UNKNOWN
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.office.refusals import (
    APPOINTMENT_TOO_LONG,
    FOUR_EYES_WANTED,
    KEY_UNDER_FOUR_EYES,
    KIND_WITHOUT_FOUR_EYES,
    KINDS_NOT_SORTED,
    LIMITS_NOT_SORTED,
    NOT_OFFICE_MEMBER,
    NOT_OFFICER,
    OFFICE_CLOSED,
    OFFICE_OPENED,
    OFFICE_UNKNOWN,
    OFFICER_ENDED,
    OFFICER_INACTIVE,
    OFFICER_KEY_MISSING,
    OFFICER_WITHOUT_POWER,
    POWERS_NOT_SORTED,
    TOO_MANY_OFFICERS,
)
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.refusals import COMPROMISE_IN_FUTURE, KEY_TAKEN, VALIDITY_EMPTY, VALIDITY_PAST
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.refusals import SIGNER_SUSPENDED, SIGNER_UNKNOWN, SUPERFLUOUS_SIGNER
from hanse_ledger.values import limits
from hanse_ledger.wire.endings import Endings, endings
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, T0, YEAR, public
from tests.world.departures import after, leave, suspend


def opened() -> Corridor:
    """The customs authority of the import has an office with officers, and an import awaits its decision."""
    corridor = traders()
    corridor.open_office()
    for name in ("second officer", "third officer"):
        corridor.submit(corridor.make.appointment(name), "customs-be", name)
    corridor.submit(corridor.make.appointment("reader", Power.CERTIFY, Power.READ), "customs-be", "reader")
    later = replace(corridor.make.appointment("tomorrow"), valid_from=T0 + DAY)
    corridor.submit(later, "customs-be", "tomorrow")
    corridor.submit(corridor.make.appointment("gone"), "customs-be", "gone")
    corridor.submit(corridor.make.dismissal("gone"), "customs-be")
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_import()
    return corridor


def paired() -> Corridor:
    """It has put releases, and appointments, under four eyes."""
    corridor = opened()
    corridor.submit(corridor.make.rules_of_office("declaration.release", "office.appoint"), "customs-be")
    return corridor


def full() -> Corridor:
    """Its office has as many officers as an office may, one of whom ends before the others."""
    corridor = opened()
    office = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(office, Office)
    names = [f"officer {number}" for number in range(limits.OFFICERS - len(office.officers))]
    records = []
    for place, name in enumerate(names):
        body = corridor.make.appointment(name)
        body = replace(body, valid_until=T0 + 2 * DAY) if place == 0 else body
        records.append(corridor.sign(body, "customs-be", name))
    assert all(isinstance(outcome, Created) for outcome in corridor.apply_all(records))
    return corridor


TRADERS, OPENED, PAIRED_OFFICE, FULL = traders(), opened(), paired(), full()
SUSPENDED = after(opened(), (suspend, "customs-be"))
LEFT = after(opened(), (leave, "customs-be"))
NOW = OPENED.next_time()
OPEN = TRADERS.make.sample(OpenOffice)
APPOINT = OPENED.make.appointment("new officer")
DISMISS = OPENED.make.dismissal("second officer")
SET = OPENED.make.rules_of_office("declaration.release")
RELEASE = OPENED.make.release("import")
UNKNOWN = bytes(32)

OPENING = [
    Refused(OPENED, replace(OPEN, member="nobody"), ("chamber",), MEMBER_UNKNOWN, "/body/member"),
    Refused(OPENED, OPEN, ("chamber",), NOT_OFFICE_MEMBER, "/signers"),
    Refused(OPENED, OPEN, ("seller",), NOT_OFFICE_MEMBER, "/signers"),
    Refused(SUSPENDED, OPEN, ("customs-be",), SIGNER_SUSPENDED, "/signers/0"),
    Refused(OPENED, OPEN, ("customs-be", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPENED, OPEN, ("customs-be",), OFFICE_OPENED, "/body/member"),
    Refused(OPENED, replace(OPEN, profile=None), ("customs-be",), OFFICE_OPENED, "/body/member"),
]

APPOINTING = [
    Refused(OPENED, replace(APPOINT, office=UNKNOWN), ("chamber", "new officer"), OFFICE_UNKNOWN, "/body/office"),
    Refused(OPENED, replace(APPOINT, office=OPENED.id["seller"]), ("chamber",), OFFICE_UNKNOWN, "/body/office"),
    Refused(OPENED, replace(APPOINT, key=public("seller")), ("chamber",), NOT_OFFICE_MEMBER, "/signers"),
    Refused(OPENED, APPOINT, ("chamber", "new officer"), NOT_OFFICE_MEMBER, "/signers"),
    Refused(OPENED, replace(APPOINT, key=public("seller")), ("customs-be",), KEY_TAKEN, "/body/key"),
    Refused(OPENED, replace(APPOINT, key=public("chamber")), ("customs-be",), KEY_TAKEN, "/body/key"),
    Refused(OPENED, replace(APPOINT, key=public("gone")), ("customs-be",), KEY_TAKEN, "/body/key"),
    Refused(OPENED, replace(APPOINT, powers=()), ("customs-be",), OFFICER_KEY_MISSING, "/signers"),
    Refused(
        OPENED, replace(APPOINT, powers=()), ("customs-be", "new officer", "buyer"), SUPERFLUOUS_SIGNER, "/signers"
    ),
    Refused(
        OPENED,
        replace(APPOINT, powers=(), valid_until=T0),
        ("customs-be", "new officer"),
        POWERS_NOT_SORTED,
        "/body/powers",
    ),
    Refused(
        OPENED,
        replace(APPOINT, powers=(Power.SETTLE, Power.ACT)),
        ("customs-be", "new officer"),
        POWERS_NOT_SORTED,
        "/body/powers",
    ),
    Refused(
        OPENED,
        replace(APPOINT, powers=(Power.ACT, Power.ACT)),
        ("customs-be", "new officer"),
        POWERS_NOT_SORTED,
        "/body/powers",
    ),
    *(
        Refused(OPENED, replace(APPOINT, valid_until=until), ("customs-be", "new officer"), reason, "/body/valid_until")
        for until, reason in (
            (T0, VALIDITY_EMPTY),
            (T0 - 1, VALIDITY_EMPTY),
            (NOW, VALIDITY_PAST),
            (NOW - 1, VALIDITY_PAST),
        )
    ),
    Refused(
        FULL,
        replace(FULL.make.appointment("new officer"), valid_until=T0 + limits.APPOINTMENT_MS + 1),
        ("customs-be", "new officer"),
        APPOINTMENT_TOO_LONG,
        "/body/valid_until",
    ),
    Refused(
        FULL, FULL.make.appointment("new officer"), ("customs-be", "new officer"), TOO_MANY_OFFICERS, "/body/office"
    ),
]

DISMISSING = [
    Refused(OPENED, replace(DISMISS, office=UNKNOWN), ("chamber",), OFFICE_UNKNOWN, "/body/office"),
    Refused(OPENED, replace(DISMISS, key=public("seller")), ("chamber",), NOT_OFFICE_MEMBER, "/signers"),
    Refused(OPENED, replace(DISMISS, key=public("seller")), ("customs-be", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        OPENED,
        replace(DISMISS, key=public("seller"), compromised_since=NOW + 1),
        ("customs-be",),
        NOT_OFFICER,
        "/body/key",
    ),
    Refused(OPENED, OPENED.make.dismissal("gone"), ("customs-be",), NOT_OFFICER, "/body/key"),
    Refused(
        OPENED,
        replace(DISMISS, compromised_since=NOW + 1),
        ("customs-be",),
        COMPROMISE_IN_FUTURE,
        "/body/compromised_since",
    ),
]

SETTING = [
    Refused(OPENED, replace(SET, office=UNKNOWN), ("chamber",), OFFICE_UNKNOWN, "/body/office"),
    Refused(OPENED, SET, ("chamber",), NOT_OFFICE_MEMBER, "/signers"),
    Refused(OPENED, replace(SET, four_eyes=("a.b", "a.b")), ("customs-be", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPENED, replace(SET, four_eyes=("a.b", "a.b")), ("customs-be",), KINDS_NOT_SORTED, "/body/four_eyes"),
    Refused(
        OPENED,
        replace(SET, four_eyes=("office.set", "declaration.release")),
        ("customs-be",),
        KINDS_NOT_SORTED,
        "/body/four_eyes",
    ),
    Refused(
        OPENED,
        replace(SET, four_eyes=("evidence.report",)),
        ("customs-be",),
        KIND_WITHOUT_FOUR_EYES,
        "/body/four_eyes",
    ),
    Refused(
        OPENED,
        replace(SET, four_eyes=("member.vote", "office.set")),
        ("customs-be",),
        KIND_WITHOUT_FOUR_EYES,
        "/body/four_eyes",
    ),
    Refused(
        OPENED,
        replace(SET, four_eyes=("office.open",), low_value=SET.low_value * 2),
        ("customs-be",),
        KIND_WITHOUT_FOUR_EYES,
        "/body/four_eyes",
    ),
    Refused(OPENED, replace(SET, low_value=SET.low_value * 2), ("customs-be",), LIMITS_NOT_SORTED, "/body/low_value"),
    Refused(
        OPENED,
        replace(SET, low_value=(*SET.low_value, replace(SET.low_value[0], currency="CNY"))),
        ("customs-be",),
        LIMITS_NOT_SORTED,
        "/body/low_value",
    ),
]

REFUSALS = [*OPENING, *APPOINTING, *DISMISSING, *SETTING]


BY_OFFICERS = [
    Refused(OPENED, RELEASE, ("new officer",), SIGNER_UNKNOWN, "/signers/0"),
    Refused(LEFT, RELEASE, ("first officer",), OFFICE_CLOSED, "/signers/0"),
    Refused(SUSPENDED, RELEASE, ("first officer",), SIGNER_SUSPENDED, "/signers/0"),
    Refused(OPENED, RELEASE, ("gone",), OFFICER_ENDED, "/signers/0"),
    Refused(OPENED, RELEASE, ("tomorrow",), OFFICER_INACTIVE, "/signers/0"),
    Refused(OPENED, RELEASE, ("first officer",), OFFICER_INACTIVE, "/signers/0", T0 + YEAR),
    Refused(OPENED, RELEASE, ("first officer",), OFFICER_INACTIVE, "/signers/0", T0 + YEAR + 1),
    Refused(OPENED, RELEASE, ("reader",), OFFICER_WITHOUT_POWER, "/signers/0"),
    Refused(OPENED, DISMISS, ("first officer",), OFFICER_WITHOUT_POWER, "/signers/0"),
    Refused(OPENED, replace(OPEN, member="chamber"), ("first officer",), OFFICER_WITHOUT_POWER, "/signers/0"),
    # Two officers where one will do, and an officer beside its member's own key.
    Refused(OPENED, RELEASE, ("first officer", "second officer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPENED, RELEASE, ("customs-be", "second officer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(PAIRED_OFFICE, RELEASE, ("customs-be",), KEY_UNDER_FOUR_EYES, "/signers"),
    Refused(PAIRED_OFFICE, RELEASE, ("customs-be", "first officer", "second officer"), KEY_UNDER_FOUR_EYES, "/signers"),
    Refused(PAIRED_OFFICE, RELEASE, ("first officer",), FOUR_EYES_WANTED, "/signers"),
    Refused(
        PAIRED_OFFICE, RELEASE, ("first officer", "second officer", "third officer"), SUPERFLUOUS_SIGNER, "/signers"
    ),
    Refused(PAIRED_OFFICE, APPOINT, ("customs-be", "new officer"), FOUR_EYES_WANTED, "/signers"),
]
"""F-5 and F-6, which are asked before the rule of the kind."""


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken requirement is named, and the earliest one wins."""
    try_row(row)


def test_an_office_is_its_members() -> None:
    """It has the settings of its opening, and is found by its member's name."""
    office = OPENED.ledger.objects[OPENED.id["office"]]
    assert isinstance(office, Office)
    assert (office.links.member, office.settings.profile) == ("customs-be", OPEN.profile)
    assert office.settings.encryption_key == OPEN.encryption_key
    assert office.history.count == 8
    assert OPENED.ledger.claim(claim_key(ClaimKind.OFFICE, b"customs-be")) == office.id


def test_each_member_has_its_own_office() -> None:
    """One member's office does not stand in the way of another's."""
    corridor = opened()
    second = corridor.submit(replace(OPEN, member="chamber", profile=None), "chamber")
    assert second != corridor.id["office"]


def test_an_appointment_lasts_a_year_at_most() -> None:
    """F-2: to the last millisecond of it."""
    whole = replace(APPOINT, valid_until=APPOINT.valid_from + limits.APPOINTMENT_MS)
    assert OPENED.refusal(whole, "customs-be", "new officer") is None


def test_a_key_may_have_been_lost_until_now() -> None:
    """F-3: since long ago, since this moment, or not at all."""
    for since in (T0, NOW, None):
        assert OPENED.refusal(replace(DISMISS, compromised_since=since), "customs-be", at=NOW) is None


@pytest.mark.parametrize("late", [0, 1])
def test_appointments_that_have_ended_make_room(late: int) -> None:
    """The place of an officer whose time has passed is taken by the next."""
    corridor, at = full(), T0 + 2 * DAY + late
    corridor.submit(replace(APPOINT, valid_from=at), "customs-be", "new officer", at=at)
    office = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(office, Office)
    assert len(office.officers) == limits.OFFICERS


def test_an_office_beyond_its_bound_appoints_nobody() -> None:
    """F-2: one with more officers than it may have, by the bound of another version, is as full as any."""
    office = FULL.ledger.objects[FULL.id["office"]]
    assert isinstance(office, Office)
    beyond = StateAfter(FULL.ledger)
    beyond.objects[office.id] = replace(office, officers=(*office.officers, office.officers[-1]))
    body, signers = FULL.make.appointment("new officer"), ("customs-be", "new officer")
    try_row(Refused(FULL, body, signers, TOO_MANY_OFFICERS, "/body/office", None, beyond))


def test_a_dismissal_ends_one_appointment() -> None:
    """F-3: that of the key, as it was read from the record, and no other."""
    corridor = opened()
    before = corridor.ledger.objects[corridor.id["office"]]
    corridor.submit(replace(DISMISS, key=bytes(bytearray(DISMISS.key))), "customs-be")
    after_it = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(before, Office)
    assert isinstance(after_it, Office)
    assert after_it.officers == tuple(each for each in before.officers if each.key != DISMISS.key)


def test_a_dismissed_key_is_revoked_and_stays_claimed() -> None:
    """So that nobody takes it again, and a proof of it can be made."""
    claim = OPENED.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, public("gone")))
    assert endings(claim) == Endings(None, next(iter({endings(claim).revocation})))
    assert OPENED.ledger.claim(claim_key(ClaimKind.KEY, public("gone"))) == OPENED.id["office"]


def test_four_eyes_are_for_what_officers_sign() -> None:
    """Whatever has a power or is signed under mandates, and what is recorded of an office but its opening."""
    powered = {kind.name for kind in KINDS if kind.powers}
    assert powered | COVERABLE | {"office.appoint", "office.dismiss", "office.set"} == PAIRED


@pytest.mark.parametrize("row", BY_OFFICERS, ids=names_of(BY_OFFICERS))
def test_officers_are_judged_before_the_rule(row: Refused) -> None:
    """Each broken requirement is named, and the earliest one wins."""
    try_row(row)


@pytest.mark.parametrize(
    ("corridor", "signers"),
    [
        (opened, ("first officer",)),
        (opened, ("customs-be",)),
        (paired, ("first officer", "second officer")),
        (paired, ("third officer", "second officer")),
    ],
)
def test_an_officer_signs_as_its_member(corridor: Callable[[], Corridor], signers: tuple[str, ...]) -> None:
    """One where one will do, two under four eyes; the office's own history is not touched by it."""
    made = corridor()
    before = made.ledger.objects[made.id["office"]].history
    made.submit(made.make.release("import"), *signers)
    declaration = made.ledger.objects[made.id["import"]]
    assert isinstance(declaration, Declaration)
    assert declaration.status.state is DeclarationState.RELEASED
    assert made.ledger.objects[made.id["office"]].history == before


def test_an_officer_signs_from_the_first_moment_on() -> None:
    """F-5: at which its appointment begins."""
    assert OPENED.refusal(RELEASE, "tomorrow", at=T0 + DAY) is None


def test_what_is_addressed_to_an_office_joins_its_inbox() -> None:
    """H-3: the import that was lodged with it, and neither its own decision nor an act; its history has only acts."""
    corridor = opened()
    office = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(office, Office)
    rows = (row for block in corridor.blocks for row in block.entries)
    (lodged,) = (row.record for row in rows if row.kind == "declaration.lodge")
    assert lodged is not None
    assert office.inbox == NO_HISTORY.after(lodged)
    acts = office.history.count
    corridor.submit(corridor.make.release("import"), "customs-be")
    corridor.submit(corridor.make.rules_of_office("declaration.release"), "customs-be")
    after_it = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(after_it, Office)
    assert (after_it.inbox, after_it.history.count) == (office.inbox, acts + 1)


def test_who_has_opened_no_office_has_no_inbox() -> None:
    """Nothing is touched, and what came before is not made up for."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_import()
    corridor.open_office()
    office = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(office, Office)
    assert office.inbox == NO_HISTORY


def test_two_keys_of_the_member_see_what_is_recorded_of_its_office() -> None:
    """Under four eyes an appointment bears both, and the officer's."""
    corridor = paired()
    corridor.submit(APPOINT, "customs-be", "customs-be spare", "new officer")
    office = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(office, Office)
    assert office.officers[-1].key == APPOINT.key

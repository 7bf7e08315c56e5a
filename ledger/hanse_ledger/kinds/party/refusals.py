"""Why a record about a party is refused, or one that names a party."""

from hanse_ledger.values.reasons import Reason

PARTY_INACTIVE = Reason(
    "party-inactive",
    "The party's enrolment is not valid at block time.",
    "Ask the party's enrolling member to renew the enrolment.",
)

PARTY_UNKNOWN = Reason("party-unknown", "No party has this id.", "Check the party's id, or have the party enrolled.")

NOT_ENROLLING_MEMBER = Reason(
    "not-enrolling-member", "The member that enrols the party has not signed.", "Have the member sign the enrolment."
)

NOT_KEY_HOLDER = Reason(
    "not-key-holder",
    "The holder of a key named in the record has not signed.",
    "Sign with the old key and with the new key.",
)

NOT_PARTY_OR_ENROLLER = Reason(
    "not-party-or-enroller", "Neither the party nor its member has signed.", "Have one of the two sign."
)

ROLES_NOT_SORTED = Reason(
    "roles-not-sorted", "The roles are empty, repeated or out of order.", "List each role once, in alphabetical order."
)

VALIDITY_EMPTY = Reason("validity-empty", "The validity ends before it begins.", "Correct the dates.")

VALIDITY_PAST = Reason("validity-past", "The validity has ended already.", "Choose an end in the future.")

KEY_TAKEN = Reason("key-taken", "The key is in use on this ledger already.", "Make a new key.")

TOO_MANY_KEYS = Reason(
    "too-many-keys",
    "The party has replaced its key as often as a party may, 128 times.",
    "Have a member enrol a new party; what this one has signed stands.",
)

KEY_NOT_OF_PARTY = Reason(
    "key-not-of-party", "The key is not one of this party's.", "Check the key and the party's id."
)

KEY_ALREADY_REVOKED = Reason("key-already-revoked", "The key has been revoked already.", "Nothing is left to do.")

COMPROMISE_IN_FUTURE = Reason(
    "compromise-in-future",
    "The time since which the key is compromised lies after block time.",
    "Give a time that has passed.",
)

MEMBER_UNCHANGED = Reason(
    "member-unchanged", "The party is with this member already.", "Name the member to which it shall move."
)

NOT_PARTY = Reason("not-party", "The party has not signed.", "Have the party sign with its present key.")

NOT_FORMER_ENROLLER = Reason(
    "not-former-enroller",
    "The member that the party would leave has not signed, and it could.",
    "Have it sign too; only where it has left, is suspended or has no key is it not asked.",
)

PARTY_LACKS_ROLE = Reason(
    "party-lacks-role",
    "The party is not enrolled for this role.",
    "Have the party enrolled for the role by its member.",
)

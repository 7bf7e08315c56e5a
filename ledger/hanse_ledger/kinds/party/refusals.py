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
    "member-unchanged",
    "The party is with this member already, and has this second member for a repair.",
    "Name the member to which it shall move, or another second member.",
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

PARTY_SUSPENDED = Reason(
    "party-suspended",
    "The party is suspended, and nothing new may depend on it.",
    "Ask the member with which the party is to reinstate it.",
)

PARTY_NOT_SUSPENDED = Reason("party-not-suspended", "The party is not suspended.", "Nothing is left to do.")

NOT_MEMBER_OF_PARTY = Reason(
    "not-member-of-party",
    "The member with which the party is has not signed.",
    "Have that member sign, or move the party first where the member is gone.",
)

REPAIRER_IS_ENROLLER = Reason(
    "repairer-is-enroller",
    "The second member that must sign a repair is the member with which the party is.",
    "Name another member, or none.",
)

REPAIRER_IS_OPERATOR = Reason(
    "repairer-is-operator",
    "The second member that must sign a repair is the ledger's one operator.",
    "Name another member, or none.",
)

REPAIR_NOT_AGREED = Reason(
    "repair-not-agreed",
    "The party has agreed to no repair: no second member is named for it.",
    "Have the party enrolled anew under a new key; what it has signed stands.",
)

PARTY_WITHOUT_KEY = Reason(
    "party-without-key",
    "The party's key is revoked, and a revoked key is not repaired: it could not contest.",
    "Have the party enrolled anew under a new key; what it has signed stands.",
)

NOT_REPAIRER = Reason(
    "not-repairer",
    "The second member that must sign this party's repair has not signed.",
    "Have it look at who asks, and sign too.",
)

NO_REPAIR_OPEN = Reason(
    "no-repair-open",
    "No repair of this party's key is open.",
    "Ask the party's member and the second one to open it; it ends where the old key contests, and with a rotation, a "
    "revocation or a move.",
)

NOT_REPAIR_KEY = Reason(
    "not-repair-key", "The open repair names another key.", "Sign with the key that the repair names."
)

REPAIR_TOO_EARLY = Reason(
    "repair-too-early",
    "The old key may still contest the repair: seven days have not passed.",
    "Take the key's place after the time shown.",
)

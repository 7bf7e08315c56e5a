"""Why a record about the members is refused, or one that names a member."""

from hanse_ledger.values.reasons import Reason

MEMBER_UNKNOWN = Reason("member-unknown", "No member has this name.", "Check the member's name in the trust file.")

NOT_VOTING_MEMBER = Reason(
    "not-voting-member",
    "The member that proposes, votes or withdraws has not signed.",
    "Have that member sign, and nobody else.",
)

EPOCH_PASSED = Reason(
    "epoch-passed",
    "The members are of another epoch than the proposal was made for.",
    "Look at the members as they are now, and propose anew.",
)

PROPOSAL_OPEN = Reason(
    "proposal-open",
    "The member has a proposal open, and each has one at a time.",
    "Withdraw that one first, or wait until it is decided or has closed.",
)

CLOSES_TOO_SOON = Reason("closes-too-soon", "The proposal would be void too soon.", "Let it close after the present.")

CLOSES_TOO_LATE = Reason(
    "closes-too-late", "The proposal would stay open for too long.", "Let it close within thirty days."
)

CHANGE_EMPTY = Reason(
    "change-empty",
    "The proposal changes nothing.",
    "Name a member, a cosigner, parameters or a removal that differs from today's.",
)

TOO_FEW_MEMBERS = Reason(
    "too-few-members", "The removal would leave fewer than three members.", "Admit others first, or in the same change."
)

MEMBERSHIP_UNSOUND = Reason(
    "membership-unsound",
    "The members cannot be as they would be after the change.",
    "Correct what is named, and propose anew.",
)

PROPOSAL_UNKNOWN = Reason(
    "proposal-unknown", "No open proposal has this id.", "Look at the members and the open proposals."
)

PROPOSAL_CLOSED = Reason("proposal-closed", "The proposal has closed undecided.", "Propose the change anew.")

PROPOSAL_ACCEPTED = Reason(
    "proposal-accepted",
    "The proposal has been accepted already.",
    "Nothing is left to do but for the nodes that it brings.",
)

NOT_IN_ELECTORATE = Reason(
    "not-in-electorate",
    "No longer given: every member that is not suspended may vote, also on what concerns itself.",
    "Vote.",
)

ALREADY_VOTED = Reason("already-voted", "The member has voted on this proposal.", "A vote cannot be changed.")

PROPOSAL_NOT_ACCEPTED = Reason(
    "proposal-not-accepted", "The proposal has not been accepted yet.", "Wait for the members' votes."
)

NODE_NOT_AWAITED = Reason(
    "node-not-awaited",
    "The proposal waits for no node of this member.",
    "Check the member's name, and whether it was ready before.",
)

NOT_THE_NODE = Reason(
    "not-the-node",
    "The node that the change brings has not signed.",
    "Sign with its cosigning key, and with nothing else.",
)

MEMBER_SUSPENDED = Reason(
    "member-suspended",
    "The member is suspended, and nothing new may depend on it.",
    "Name another member, or wait until the others have reinstated it.",
)

MEMBER_WITHOUT_KEY = Reason(
    "member-without-key",
    "No key of the member counts at block time: it could sign nothing.",
    "Name another member, or wait until the members have given it a new key.",
)

NOT_PROPOSER = Reason(
    "not-proposer", "Another member has made this proposal.", "Leave it to that member, or vote against the proposal."
)

TOO_FEW_COSIGNERS = Reason(
    "too-few-cosigners",
    "Fewer nodes would cosign than may, where there were four or more.",
    "Bring another member's node in the same change.",
)

TOO_FEW_KEYS = Reason(
    "too-few-keys",
    "The member would have fewer than two keys that have not ended.",
    "Give it two that last, and keep one of them offline.",
)

MEMBER_LACKS_ROLE = Reason(
    "member-lacks-role", "The member does not have this role.", "Name a member that has the role."
)

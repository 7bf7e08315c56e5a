"""Every reason in words: what is wrong, and what to do. `docs/rules.md` has the same words."""

from typing import NamedTuple

from hanse_ledger.values.reasons import Reason


class Explanation(NamedTuple):
    """A reason in words: what is wrong, and what whoever can act should do."""

    message: str
    action: str


EXPLANATIONS: dict[Reason, Explanation] = {
    Reason.WRONG_LEDGER: Explanation(
        "The record is made for another ledger.",
        "Make and sign the record again with this ledger's id.",
    ),
    Reason.EXPIRED: Explanation(
        "The record's expiry has passed.",
        "Make and sign the record again; check the clock of the machine that signs.",
    ),
    Reason.EXPIRES_TOO_LATE: Explanation(
        "The record expires more than seven days after block time.",
        "Sign the record with an earlier expiry.",
    ),
    Reason.SIGNATURE_INVALID: Explanation(
        "A signature does not match its key and the record's bytes.",
        "Sign the record again with the keys that it names, in its order.",
    ),
    Reason.KEY_NOT_ADMITTED: Explanation("The key's algorithm is not admitted for records.", "Use an Ed25519 key."),
    Reason.SIGNER_UNKNOWN: Explanation(
        "A signing key belongs to no member and to no enrolled party.",
        "Have a member enrol the key's party first.",
    ),
    Reason.SIGNER_KEY_INACTIVE: Explanation(
        "A member's signing key does not count at block time.",
        "Sign with a key of the member that counts now.",
    ),
    Reason.SIGNER_SUSPENDED: Explanation(
        "The member that signs is suspended.",
        "Wait until the other members have reinstated it.",
    ),
    Reason.SIGNER_KEY_SUPERSEDED: Explanation(
        "The party has replaced this signing key, or has none any more.",
        "Sign with the party's present key.",
    ),
    Reason.SIGNER_KEY_REVOKED: Explanation(
        "A signing key has been revoked.", "Sign with a key that has not been revoked."
    ),
    Reason.PARTY_INACTIVE: Explanation(
        "The party's enrolment is not valid at block time.",
        "Ask the party's enrolling member to renew the enrolment.",
    ),
    Reason.SUPERFLUOUS_SIGNER: Explanation(
        "The record names a signer that it does not need.",
        "Sign with exactly the signers that the rule asks for.",
    ),
    Reason.MEMBER_UNKNOWN: Explanation("No member has this name.", "Check the member's name in the trust file."),
    Reason.NOT_VOTING_MEMBER: Explanation(
        "The member that proposes, votes or withdraws has not signed.", "Have that member sign, and nobody else."
    ),
    Reason.EPOCH_PASSED: Explanation(
        "The members are of another epoch than the proposal was made for.",
        "Look at the members as they are now, and propose anew.",
    ),
    Reason.PROPOSAL_OPEN: Explanation(
        "The member has a proposal open, and each has one at a time.",
        "Withdraw that one first, or wait until it is decided or has closed.",
    ),
    Reason.CLOSES_TOO_SOON: Explanation("The proposal would be void too soon.", "Let it close after the present."),
    Reason.CLOSES_TOO_LATE: Explanation(
        "The proposal would stay open for too long.", "Let it close within thirty days."
    ),
    Reason.CHANGE_EMPTY: Explanation(
        "The proposal changes nothing.", "Name a member, a cosigner, parameters or a removal that differs from today's."
    ),
    Reason.TOO_FEW_MEMBERS: Explanation(
        "The removal would leave fewer than three members.", "Admit others first, or in the same change."
    ),
    Reason.MEMBERSHIP_UNSOUND: Explanation(
        "The members cannot be as they would be after the change.", "Correct what is named, and propose anew."
    ),
    Reason.PROPOSAL_UNKNOWN: Explanation(
        "No open proposal has this id.", "Look at the members and the open proposals."
    ),
    Reason.PROPOSAL_CLOSED: Explanation("The proposal has closed undecided.", "Propose the change anew."),
    Reason.PROPOSAL_ACCEPTED: Explanation(
        "The proposal has been accepted already.", "Nothing is left to do but for the nodes that it brings."
    ),
    Reason.NOT_IN_ELECTORATE: Explanation(
        "No longer given: every member that is not suspended may vote, also on what concerns itself.", "Vote."
    ),
    Reason.ALREADY_VOTED: Explanation("The member has voted on this proposal.", "A vote cannot be changed."),
    Reason.PROPOSAL_NOT_ACCEPTED: Explanation(
        "The proposal has not been accepted yet.", "Wait for the members' votes."
    ),
    Reason.NODE_NOT_AWAITED: Explanation(
        "The proposal waits for no node of this member.", "Check the member's name, and whether it was ready before."
    ),
    Reason.NOT_THE_NODE: Explanation(
        "The node that the change brings has not signed.", "Sign with its cosigning key, and with nothing else."
    ),
    Reason.MEMBER_SUSPENDED: Explanation(
        "The member is suspended, and nothing new may depend on it.",
        "Name another member, or wait until the others have reinstated it.",
    ),
    Reason.MEMBER_WITHOUT_KEY: Explanation(
        "No key of the member counts at block time: it could sign nothing.",
        "Name another member, or wait until the members have given it a new key.",
    ),
    Reason.NOT_PROPOSER: Explanation(
        "Another member has made this proposal.", "Leave it to that member, or vote against the proposal."
    ),
    Reason.TOO_FEW_COSIGNERS: Explanation(
        "Fewer nodes would cosign than may, where there were four or more.",
        "Bring another member's node in the same change.",
    ),
    Reason.TOO_FEW_KEYS: Explanation(
        "The member would have fewer than two keys that have not ended.",
        "Give it two that last, and keep one of them offline.",
    ),
    Reason.PARTY_UNKNOWN: Explanation("No party has this id.", "Check the party's id, or have the party enrolled."),
    Reason.NOT_ENROLLING_MEMBER: Explanation(
        "The member that enrols the party has not signed.",
        "Have the member sign the enrolment.",
    ),
    Reason.NOT_KEY_HOLDER: Explanation(
        "The holder of a key named in the record has not signed.",
        "Sign with the old key and with the new key.",
    ),
    Reason.NOT_PARTY_OR_ENROLLER: Explanation(
        "Neither the party nor its member has signed.",
        "Have one of the two sign.",
    ),
    Reason.ROLES_NOT_SORTED: Explanation(
        "The roles are empty, repeated or out of order.",
        "List each role once, in alphabetical order.",
    ),
    Reason.VALIDITY_EMPTY: Explanation("The validity ends before it begins.", "Correct the dates."),
    Reason.VALIDITY_PAST: Explanation("The validity has ended already.", "Choose an end in the future."),
    Reason.KEY_TAKEN: Explanation("The key is in use on this ledger already.", "Make a new key."),
    Reason.TOO_MANY_KEYS: Explanation(
        "The party has replaced its key as often as a party may, 128 times.",
        "Have a member enrol a new party; what this one has signed stands.",
    ),
    Reason.KEY_NOT_OF_PARTY: Explanation("The key is not one of this party's.", "Check the key and the party's id."),
    Reason.KEY_ALREADY_REVOKED: Explanation("The key has been revoked already.", "Nothing is left to do."),
    Reason.COMPROMISE_IN_FUTURE: Explanation(
        "The time since which the key is compromised lies after block time.",
        "Give a time that has passed.",
    ),
    Reason.MEMBER_UNCHANGED: Explanation(
        "The party is with this member already.", "Name the member to which it shall move."
    ),
    Reason.NOT_PARTY: Explanation("The party has not signed.", "Have the party sign with its present key."),
    Reason.NOT_FORMER_ENROLLER: Explanation(
        "The member that the party would leave has not signed, and it could.",
        "Have it sign too; only where it has left, is suspended or has no key is it not asked.",
    ),
    Reason.INVOICE_UNKNOWN: Explanation("No invoice has this id.", "Check the invoice's id."),
    Reason.NOT_SELLER: Explanation("The invoice's seller has not signed.", "Have the seller sign."),
    Reason.NOT_BUYER: Explanation("The invoice's buyer has not signed.", "Have the buyer sign."),
    Reason.PARTY_LACKS_ROLE: Explanation(
        "The party is not enrolled for this role.",
        "Have the party enrolled for the role by its member.",
    ),
    Reason.SELLER_IS_BUYER: Explanation("Seller and buyer are the same party.", "Name two parties."),
    Reason.TAGS_NOT_SORTED: Explanation(
        "The tags are repeated or out of order.",
        "List one tag for each epoch, the older epoch first.",
    ),
    Reason.TAG_EPOCH_UNKNOWN: Explanation(
        "The tag's epoch is not one of this ledger's.",
        "Get the tag from a marketplace of this ledger.",
    ),
    Reason.TAG_EPOCH_MISSING: Explanation(
        "The invoice bears a tag, but not one of each epoch in use: it could not be compared with all others.",
        "Get both tags from a marketplace of this ledger, or bear none.",
    ),
    Reason.TAG_TAKEN: Explanation(
        "A live invoice bears this tag: the same invoice stands in the ledger.",
        "Use the invoice that stands there, or cancel it first.",
    ),
    Reason.AMOUNT_NEGATIVE: Explanation(
        "The invoice's amount payable (BT-115) is below zero.",
        "Cancel the invoice that it corrects, and issue one of what is payable in all.",
    ),
    Reason.DUE_BEFORE_ISSUE: Explanation(
        "The due date (BT-9) lies before the issue date (BT-2).", "Correct the dates."
    ),
    Reason.INVOICE_NOT_OPEN: Explanation(
        "The invoice is not in a state in which this can be done.",
        "Look at the invoice's status.",
    ),
    Reason.INVOICE_PAID: Explanation("The invoice is paid, wholly or in part.", "Return the payment first."),
    Reason.INVOICE_PAYMENT_UNDER_WAY: Explanation(
        "A payment of the invoice is under way.",
        "Wait until a bank confirms or rejects it, or have it withdrawn after thirty days.",
    ),
    Reason.INVOICE_DECLARED: Explanation(
        "A customs declaration names the invoice.",
        "Have the declaration withdrawn or refused first; after ninety days it may lapse.",
    ),
    Reason.INVOICE_PLEDGED: Explanation("The invoice is pledged to a bank.", "Have the bank release its pledge first."),
    Reason.CERTIFICATE_UNKNOWN: Explanation("No certificate has this id.", "Check the certificate's id."),
    Reason.NOT_ORIGIN_ISSUER: Explanation(
        "The origin issuer of the certificate has not signed.",
        "Have the origin issuer sign.",
    ),
    Reason.MEMBER_LACKS_ROLE: Explanation("The member does not have this role.", "Name a member that has the role."),
    Reason.CERTIFICATE_NOT_LIVE: Explanation("The certificate has been revoked.", "Ask its issuer for a new one."),
    Reason.CERTIFICATE_NOT_VALID_NOW: Explanation(
        "The certificate is not valid at block time.",
        "Use a certificate that is valid now.",
    ),
    Reason.DECLARATION_UNKNOWN: Explanation("No declaration has this id.", "Check the declaration's id."),
    Reason.NOT_DECLARANT: Explanation("The declarant has not signed.", "Have the declarant sign."),
    Reason.PRINCIPAL_IS_DECLARANT: Explanation(
        "The declarant is named as its own principal.",
        "Leave the principal out: who declares for itself has none.",
    ),
    Reason.NOT_PRINCIPAL: Explanation(
        "The declarant acts for another party that has not signed.",
        "Have the principal sign too.",
    ),
    Reason.NOT_CUSTOMS: Explanation(
        "The customs authority addressed has not signed.",
        "Only the authority that the declaration names decides it.",
    ),
    Reason.DUPLICATE_INVOICE: Explanation("An invoice is named twice.", "Name each invoice once."),
    Reason.NOT_TRADER: Explanation(
        "The party for whom goods are declared is neither seller nor buyer of the invoice.",
        "Let the seller or the buyer, or an agent with its signature, lodge the declaration.",
    ),
    Reason.CERTIFICATE_LINE_UNKNOWN: Explanation(
        "The certificate has no such line.", "Check the line's number, counted from 1."
    ),
    Reason.CERTIFICATE_OF_OTHER_EXPORTER: Explanation(
        "The certificate's exporter is not the seller of the declared invoices.",
        "Use a certificate issued to the seller.",
    ),
    Reason.CERTIFICATE_FOR_OTHER_CONSIGNEE: Explanation(
        "The certificate names another consignee than the buyer of the declared invoices.",
        "Use a certificate issued for this buyer.",
    ),
    Reason.LINE_DIFFERS_FROM_CERTIFICATE: Explanation(
        "HS code, origin or unit of the declared line differ from the certificate's line.",
        "Declare what the certificate says, or use another certificate.",
    ),
    Reason.CERTIFICATE_OVERDRAWN: Explanation(
        "The certificate's line has less quantity left than is declared, or for export less than that in all.",
        "Declare no more than is left, or ask the issuer for another certificate.",
    ),
    Reason.DECLARATION_DECIDED: Explanation("The declaration is decided already.", "Look at the declaration's status."),
    Reason.REASONS_NOT_SORTED: Explanation(
        "The reason codes are empty, repeated or out of order.",
        "List each code once, in alphabetical order.",
    ),
    Reason.TOO_MANY_ENDED: Explanation(
        "Sixteen declarations or payments of this trader on this document have been withdrawn, refused, rejected or "
        "lapsed; it opens no further one on it.",
        "Let the document's owner act, or use another document.",
    ),
    Reason.NOT_CONCERNED: Explanation(
        "Whoever has signed is neither declarant nor principal, nor seller or buyer of a declared invoice.",
        "Have one of them sign.",
    ),
    Reason.LAPSED_TOO_SOON: Explanation(
        "Customs has ninety days from the lodging to decide, and they have not passed.",
        "Wait for the decision, or have the declarant withdraw the declaration.",
    ),
    Reason.PAYMENT_UNKNOWN: Explanation("No payment has this id.", "Check the payment's id."),
    Reason.NOT_PAYER: Explanation("The payer has not signed.", "Have the payer sign."),
    Reason.NOT_PAYER_BANK: Explanation("The payer's bank has not signed.", "Have the payer's bank sign."),
    Reason.NOT_PAYEE_BANK: Explanation("The payee's bank has not signed.", "Have the payee's bank sign."),
    Reason.UETR_TAKEN: Explanation(
        "The sending bank has used this UETR already.",
        "Look up the payment with this UETR; use a new UETR for a new one.",
    ),
    Reason.ALLOCATIONS_DIFFER: Explanation(
        "The allocations do not add up to the payment's amount.",
        "Correct the allocations or the amount.",
    ),
    Reason.CURRENCY_DIFFERS: Explanation(
        "The payment's currency, or its minor unit, is not the invoice's.",
        "Pay in the invoice's currency, in the same minor unit.",
    ),
    Reason.PAYER_NOT_BUYER: Explanation("The payer is not the invoice's buyer.", "Pay your own invoices."),
    Reason.PAYEE_NOT_SELLER: Explanation("The payee is not the invoice's seller.", "Pay the invoice's seller."),
    Reason.OVERPAID: Explanation(
        "More is allocated to the invoice than is outstanding.",
        "Allocate no more than is outstanding.",
    ),
    Reason.PAYMENT_NOT_INSTRUCTED: Explanation(
        "The payment is not waiting for confirmation.", "Look at the payment's status."
    ),
    Reason.CHARGES_DIFFER: Explanation(
        "What was credited and the charges do not add up to what was instructed.",
        "Name every charge that was taken on the way; a message with another amount is not of this payment.",
    ),
    Reason.PAYMENT_NOT_CONFIRMED: Explanation(
        "The payment is not confirmed, so that nothing can be returned.",
        "Look at the payment's status.",
    ),
    Reason.NOT_PAYER_OR_PAYEE: Explanation("Neither the payer nor the payee has signed.", "Have one of the two sign."),
    Reason.WITHDRAWN_TOO_SOON: Explanation(
        "The payment's banks are there, and have thirty days from the instruction to carry it out.",
        "Wait until a bank confirms or rejects it. Only the payer may withdraw it earlier, and only where one of the "
        "banks has left, is suspended, is no bank any more or has no key.",
    ),
    Reason.NOT_REPORTING_MEMBER: Explanation(
        "The member that reports evidence has not signed.", "Have that member sign, and nobody else."
    ),
    Reason.ACCUSED_NOT_SORTED: Explanation(
        "The accused members are repeated or out of order.", "List each member once, in alphabetical order."
    ),
    Reason.EVIDENCE_REPORTED: Explanation("This evidence stands on the record already.", "Nothing is left to do."),
    Reason.EVIDENCE_BOUND: Explanation(
        "The member has reported as many files today as it may in a day, in all or against an accused.",
        "Report the rest tomorrow (UTC); one file proves as much as many.",
    ),
}

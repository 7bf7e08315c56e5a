"""Why a record of any kind is refused."""

from hanse_ledger.values.reasons import Reason

WRONG_LEDGER = Reason(
    "wrong-ledger",
    "The record is made for another ledger.",
    "Make and sign the record again with this ledger's id.",
    rule="G-2",
)

EXPIRED = Reason(
    "expired",
    "The record's expiry has passed.",
    "Make and sign the record again; check the clock of the machine that signs.",
    rule="G-1",
)

EXPIRES_TOO_LATE = Reason(
    "expires-too-late",
    "The record expires more than seven days after block time.",
    "Sign the record with an earlier expiry.",
    rule="G-1",
)

SIGNATURE_INVALID = Reason(
    "signature-invalid",
    "A signature does not match its key and the record's bytes.",
    "Sign the record again with the keys that it names, in its order.",
    rule="G-4",
)

KEY_NOT_ADMITTED = Reason(
    "key-not-admitted", "The key's algorithm is not admitted for records.", "Use an Ed25519 key.", rule="G-4"
)

SIGNER_UNKNOWN = Reason(
    "signer-unknown",
    "A signing key belongs to no member and to no enrolled party.",
    "Have a member enrol the key's party first.",
    rule="M-1",
)

SIGNER_KEY_INACTIVE = Reason(
    "signer-key-inactive",
    "A member's signing key does not count at block time.",
    "Sign with a key of the member that counts now.",
    rule="M-2",
)

SIGNER_SUSPENDED = Reason(
    "signer-suspended",
    "The member that signs is suspended.",
    "Wait until the other members have reinstated it.",
    rule="M-2",
)

SIGNER_KEY_SUPERSEDED = Reason(
    "signer-key-superseded",
    "The party has replaced this signing key, or has none any more.",
    "Sign with the party's present key.",
    rule="P-4",
)

SIGNER_KEY_REVOKED = Reason(
    "signer-key-revoked", "A signing key has been revoked.", "Sign with a key that has not been revoked.", rule="P-4"
)

SUPERFLUOUS_SIGNER = Reason(
    "superfluous-signer",
    "The record names a signer that it does not need.",
    "Sign with exactly the signers that the rule asks for.",
    rule="G-5",
)

REASONS_NOT_SORTED = Reason(
    "reasons-not-sorted",
    "The reason codes are empty, repeated or out of order.",
    "List each code once, in alphabetical order.",
)

TOO_MANY_ENDED = Reason(
    "too-many-ended",
    "Sixteen declarations or payments of this trader on this document have been withdrawn, refused, rejected or "
    "lapsed; it opens no further one on it.",
    "Let the document's owner act, or use another document.",
    rule="H-2",
)

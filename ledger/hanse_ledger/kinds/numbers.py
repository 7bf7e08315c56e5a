"""Which rule refused: the number that stands in `docs/rules.md`, in a docstring and in each refusal."""

from hanse_ledger.values.reasons import Reason

RULE_OF_KIND = {
    "member.propose": "M-3",
    "member.vote": "M-4",
    "member.ready": "M-5",
    "member.withdraw": "M-6",
    "party.enrol": "P-1",
    "key.rotate": "P-2",
    "key.revoke": "P-3",
    "party.move": "P-5",
    "invoice.issue": "I-1",
    "invoice.accept": "I-2",
    "invoice.refuse": "I-3",
    "invoice.cancel": "I-4",
    "certificate.issue": "O-1",
    "certificate.revoke": "O-2",
    "declaration.lodge": "C-1",
    "declaration.release": "C-2",
    "declaration.refuse": "C-3",
    "declaration.withdraw": "C-4",
    "declaration.lapse": "C-5",
    "payment.instruct": "S-1",
    "payment.confirm": "S-2",
    "payment.return": "S-3",
    "payment.reject": "S-4",
    "payment.withdraw": "S-5",
    "evidence.report": "X-1",
}

_GENERAL = {
    Reason.EXPIRED: "G-1",
    Reason.EXPIRES_TOO_LATE: "G-1",
    Reason.WRONG_LEDGER: "G-2",
    Reason.SIGNATURE_INVALID: "G-4",
    Reason.KEY_NOT_ADMITTED: "G-4",
    Reason.SUPERFLUOUS_SIGNER: "G-5",
    Reason.SIGNER_UNKNOWN: "M-1",
    Reason.SIGNER_KEY_INACTIVE: "M-2",
    Reason.SIGNER_SUSPENDED: "M-2",
    Reason.SIGNER_KEY_REVOKED: "P-4",
    Reason.SIGNER_KEY_SUPERSEDED: "P-4",
    Reason.TOO_MANY_ENDED: "H-2",
}


def rule_of(kind: str, reason: Reason, pointer: str = "") -> str:
    """Name the rule whose requirement a record broke: a general one, or that of its kind.

    Args:
        kind: the record's kind.
        reason: why it is refused.
        pointer: where; an enrolment that is not valid breaks P-4 in a signer, and the kind's rule elsewhere.
    """
    if reason is Reason.PARTY_INACTIVE and pointer.startswith("/signers"):
        return "P-4"
    return _GENERAL.get(reason) or RULE_OF_KIND[kind]

"""The answers of a verification."""

from enum import StrEnum


class Verdict(StrEnum):
    """The answers of a verification. "Tampered" and "cannot check" are never the same answer."""

    VALID = "valid"
    VALID_WITH_WARNINGS = "valid with warnings"
    EXPIRED_OR_SUPERSEDED = "expired or superseded"
    REVOKED = "revoked"
    TAMPERED = "tampered"
    UNKNOWN_ISSUER = "unknown issuer"
    NOT_FOUND = "not found"
    CANNOT_CHECK = "cannot check"
    UNSUPPORTED_FORMAT = "unsupported format"

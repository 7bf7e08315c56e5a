"""What officers may do: each has some of these powers, and each kind of record needs one, or none will do."""

from enum import StrEnum


class Power(StrEnum):
    """A power of an officer."""

    ACT = "act"
    ATTEST = "attest"
    CARRY = "carry"
    CERTIFY = "certify"
    DECIDE = "decide"
    ENROL = "enrol"
    READ = "read"
    SETTLE = "settle"

"""A sample of each record of parties and their keys."""

from hanse_ledger.kinds.party.bodies import (
    AttestParty,
    ContestRepair,
    EnrolParty,
    KeyRevocation,
    MoveParty,
    PartyRole,
    ReinstateParty,
    RepairKey,
    RevokeKey,
    RotateKey,
    SuspendParty,
    TakeKey,
)
from hanse_ledger.kinds.standins import T0, YEAR, public_key, stand_in


def enrol() -> EnrolParty:
    """The market enrols a party for two years."""
    return EnrolParty(
        encryption_key=stand_in("new encryption"),
        identity=stand_in("new identity terms"),
        key=public_key("new"),
        member="market",
        repair="chamber",
        roles=tuple(PartyRole),
        valid_from=T0,
        valid_until=T0 + 2 * YEAR,
    )


def rotate() -> RotateKey:
    """The buyer takes a new key, and a new one to encrypt to."""
    return RotateKey(encryption_key=stand_in("new encryption"), new_key=public_key("new"), party=stand_in("buyer"))


def revoke() -> RevokeKey:
    """The buyer's key has come into others' hands."""
    return RevokeKey(
        compromised_since=T0, key=public_key("buyer"), party=stand_in("buyer"), reason=KeyRevocation.COMPROMISE
    )


def move() -> MoveParty:
    """The buyer goes to another member."""
    return MoveParty(member="chamber", party=stand_in("buyer"), repair="bank-be")


def suspend() -> SuspendParty:
    """The buyer's member suspends it, for two reasons."""
    return SuspendParty(party=stand_in("buyer"), reasons=("FRAUD-CHECK", "NO-ANSWER"))


def reinstate() -> ReinstateParty:
    """The buyer may trade again."""
    return ReinstateParty(party=stand_in("buyer"))


def repair() -> RepairKey:
    """The buyer has lost its key, and has made another one."""
    return RepairKey(new_key=public_key("new"), party=stand_in("buyer"))


def take() -> TakeKey:
    """A week later the buyer's new key takes the place of the lost one."""
    return TakeKey(encryption_key=stand_in("new encryption"), new_key=public_key("new"), party=stand_in("buyer"))


def contest() -> ContestRepair:
    """The buyer has its key: somebody else has asked for another one."""
    return ContestRepair(party=stand_in("buyer"))


def attest() -> AttestParty:
    """Somebody at the market has looked at the buyer's extract from the register."""
    return AttestParty(party=stand_in("buyer"), terms=stand_in("attestation terms"))

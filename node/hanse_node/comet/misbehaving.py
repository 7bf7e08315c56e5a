"""Double votes that the engine has put into a block, as evidence that anybody can check.

ABCI names the validator and the height, and carries no votes: they are fetched from the block. Source: CometBFT v0.38,
spec/core/data_structures, "DuplicateVoteEvidence".
"""

import asyncio
import base64
import logging
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from hanse_ledger.misbehaviour.double_vote import FORMAT as DOUBLE_VOTE
from hanse_ledger.misbehaviour.double_vote import DoubleVote, Vote, VotedBlock, write_double_vote
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import LedgerId, MemberId
from hanse_node.comet.questions import ANSWER_BYTES
from hanse_node.comet.rpc import EngineRpc, EngineSilent

log = logging.getLogger(__name__)

DUPLICATE_VOTE = "tendermint/DuplicateVoteEvidence"
ADDRESS_BYTES = 20
ATTEMPTS, PAUSE_SECONDS = 10, 1.0


async def fetch_double_votes(engine: EngineRpc, height: int, trust: TrustFile) -> list[bytes]:
    """Fetch the double votes in a block, as files of evidence.

    Args:
        engine: this node's own.
        height: the block's.
        trust: the ledger's members: whose keys voted is looked up in it.

    Returns:
        A file for each; none where the engine does not answer, which is logged.
    """
    for _ in range(ATTEMPTS):
        try:
            answer = await engine.ask("block", {"height": str(height)}, ANSWER_BYTES)
            found = answer["block"]["evidence"]["evidence"] or []
            break
        except (EngineSilent, KeyError, TypeError) as error:
            log.warning("a block with evidence cannot be read yet", extra={"reason": type(error).__name__})
            await asyncio.sleep(PAUSE_SECONDS)
    else:
        log.error("a block with evidence was not to be had", extra={"height": height})
        return []
    return [data for each in found if (data := _evidence(each, trust)) is not None]


def _evidence(evidence: Any, trust: TrustFile) -> bytes | None:
    try:
        if evidence["type"] != DUPLICATE_VOTE:
            log.error("evidence of another kind stands in a block", extra={"kind": str(evidence["type"])[:64]})
            return None
        votes = evidence["value"]["vote_a"], evidence["value"]["vote_b"]
        member, key = _voter(str(votes[0]["validator_address"]), trust)
        return write_double_vote(_double_vote(trust.ledger, member, key, votes))
    except (KeyError, TypeError, ValueError) as error:
        log.exception("evidence in a block cannot be read", exc_info=error)
        return None


def _double_vote(ledger: LedgerId, member: MemberId, key: bytes, votes: tuple[Any, Any]) -> DoubleVote:
    first, second = votes
    return DoubleVote(
        format=DOUBLE_VOTE,
        first=_vote(first),
        height=int(first["height"]),
        ledger=ledger,
        member=member,
        round=int(first["round"]),
        second=_vote(second),
        step=first["type"],
        validator_key=key,
    )


def _vote(vote: Any) -> Vote:
    block = vote["block_id"]
    seconds, nanos = _moment(vote["timestamp"])
    named = VotedBlock(
        hash=bytes.fromhex(block["hash"]),
        parts=int(block["parts"]["total"]),
        parts_hash=bytes.fromhex(block["parts"]["hash"]),
    )
    return Vote(
        block=named if block["hash"] else None,
        nanos=nanos,
        seconds=seconds,
        signature=base64.b64decode(vote["signature"]),
    )


def _moment(text: str) -> tuple[int, int]:
    """Read the engine's time (RFC 3339, up to nine decimals)."""
    whole, _, rest = text.removesuffix("Z").partition(".")
    moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return int(moment.timestamp()), int(rest.ljust(9, "0")) if rest else 0


def _voter(address: str, trust: TrustFile) -> tuple[MemberId, bytes]:
    """Find whose engine has an address: the first 20 bytes of the SHA-256 of its key. Raises ValueError."""
    for member, key in trust.validators():
        if sha256(key).digest()[:ADDRESS_BYTES].hex().upper() == address.upper():
            return member, key
    raise ValueError(f"no member's engine has the address {address[:64]}")

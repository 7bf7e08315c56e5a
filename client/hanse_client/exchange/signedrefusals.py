"""What a node signs of a record that the rules refused: verified before it is believed to be its word."""

from msgspec.structs import replace

from hanse_client.base.errors import BadAnswer
from hanse_client.base.views import Refusal
from hanse_client.exchange.problems import Problem
from hanse_ledger.misbehaviour.refusalfile import (
    read_refusal,
    read_signed,
    refusal_file,
    refused_record,
    verify_statement,
)
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.errors import Malformed, ProofInvalid, Untrusted


def with_statement(refusal: Refusal, envelope: bytes, problem: Problem | None, trust: TrustFile) -> Refusal:
    """Add the file that can be shown, where the node has signed its refusal and the trust file knows it.

    Args:
        refusal: what the node said.
        envelope: the record that was sent.
        problem: the node's answer.
        trust: whom to trust.

    Raises:
        BadAnswer: what it gives as signed is not its signature over what it said.
    """
    if problem is None or not problem.signed:
        return refusal
    try:
        signed = read_signed(bytes.fromhex(problem.signed))
        file = refusal_file(envelope, signed)
        opened = refused_record(read_refusal(file))
        verify_statement(signed, opened.record.body, trust)
    except Untrusted:
        return refusal
    except (Malformed, ProofInvalid) as error:
        raise BadAnswer(f"The node's signed refusal does not verify: {error}.") from error
    if signed.statement.code != refusal.code:
        stated = signed.statement.code
        raise BadAnswer(f"The node's signed refusal does not verify: it says {refusal.code}, and has signed {stated}.")
    return replace(refusal, signed=file)

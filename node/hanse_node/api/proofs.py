"""`/v1/proof`, `/v1/proposals` and `/v1/trust`: the files that everything is checked with."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from hanse_ledger.proofs.prooffile import MEDIA_TYPE, ProofFile
from hanse_ledger.proofs.trustfile import TrustForm
from hanse_ledger.proofs.voting import ProposalsFile
from hanse_ledger.values import limits
from hanse_node.api.deps import Asking, HexId, Ledger, answers
from hanse_node.queries.prove import From, View

router = APIRouter(tags=["proofs"])


@router.get(
    "/v1/proof",
    response_class=Response,
    responses=answers(ProofFile, "A proof file", media_type=MEDIA_TYPE, refused=("not-found", "too-large")),
)
def get_proof(
    ledger: Ledger,
    caller: Asking,
    names: Annotated[
        list[HexId],
        Query(alias="object", description="Ids of the objects, each once", min_length=1, max_length=limits.REFS),
    ],
    view: Annotated[View, Query(description="Whole histories with their records, or the status alone")] = View.FULL,
    begin: Annotated[
        From, Query(alias="from", description="Where histories begin: a proof that would be too large begins later")
    ] = From.BEGINNING,
) -> Response:
    """Prove how objects stand, as of the newest signed head.

    Whoever gets the file verifies it offline, with a trust file: an SDK, `hanse verify` or the verifier page does.
    """
    return Response(ledger.proofs.of_objects(caller, names, view, begin), media_type=MEDIA_TYPE)


@router.get("/v1/proposals", response_class=Response, responses=answers(ProposalsFile, "The open proposals"))
def get_proposals(ledger: Ledger, caller: Asking) -> Response:
    """Prove what the members are voting on, as of the newest signed head: `hanse.proposals/1`."""
    return Response(ledger.proofs.proposals(caller), media_type="application/json")


@router.get("/v1/trust", response_class=Response, responses=answers(TrustForm, "The trust file"))
def get_trust(ledger: Ledger, caller: Asking) -> Response:
    """Give the ledger's trust file. Compare the ledger's id by another way before relying on it."""
    return Response(ledger.proofs.trust(caller), media_type="application/json")

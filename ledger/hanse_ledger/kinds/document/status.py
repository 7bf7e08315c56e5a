"""How the status of a document is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.document.state import DocumentState, DocumentStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a document: it is kept, sealed, for those who can open it, until its owner has it erased."""
    status: DocumentStatus = aspects["status"]
    match status.state:
        case DocumentState.SEALED:
            return Judgement(
                Verdict.VALID,
                said("state.document.sealed", "sealed"),
                said("standing.document.sealed", "its sealed file is for those to whom it was sealed"),
            )
        case DocumentState.HELD:
            return Judgement(
                Verdict.VALID,
                said("state.document.held", "held"),
                said("standing.document.held", "an authority has ordered that its sealed file be kept"),
            )
        case DocumentState.ERASED:
            return Judgement(
                Verdict.VALID_WITH_WARNINGS,
                said("state.document.erased", "erased"),
                said(
                    "standing.document.erased",
                    "its owner has had its sealed file erased; what its records say stands all the same",
                ),
            )

"""Why a bundle is refused, besides what its steps are refused for."""

from hanse_ledger.values.reasons import Reason

STEP_UNKNOWN = Reason(
    "step-unknown",
    "The step names what no step before it creates.",
    "Name the object by its id, or a step before this one that creates it.",
    rule="G-6",
)

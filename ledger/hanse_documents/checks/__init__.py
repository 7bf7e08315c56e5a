"""Cross-document checks: does what one document says agree with what another says?"""

from hanse_documents.checks.comparison import compare, compare_set, disagrees, name_of, set_of
from hanse_documents.checks.finding import Agreement, Finding, Weight
from hanse_documents.checks.table import CHECKS, Check
from hanse_documents.checks.together import ComparedSet

__all__ = [
    "CHECKS",
    "Agreement",
    "Check",
    "ComparedSet",
    "Finding",
    "Weight",
    "compare",
    "compare_set",
    "disagrees",
    "name_of",
    "set_of",
]

"""Cross-document checks: does what one document says agree with what another says?"""

from hanse_documents.checks.comparison import CHECKS, Check, compare, disagrees
from hanse_documents.checks.finding import Finding, Outcome, Weight

__all__ = ["CHECKS", "Check", "Finding", "Outcome", "Weight", "compare", "disagrees"]

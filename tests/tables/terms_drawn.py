"""Names of terms, and whole documents of them, drawn at random."""

import re

from hypothesis import strategies as st

from hanse_ledger.wire.catalogue import CommittedKind, names_of

COUNTED = re.compile("/n(?=/|$)")


def term_names(kind: CommittedKind = CommittedKind.INVOICE, most: int = 5) -> st.SearchStrategy[str]:
    """Draw a name of a kind's catalogue; what repeats is counted up to `most`."""
    names = st.sampled_from(names_of(kind))
    return st.builds(_counted, names, st.lists(st.integers(1, most), min_size=2, max_size=2))


def _counted(name: str, numbers: list[int]) -> str:
    left = iter(numbers)
    return COUNTED.sub(lambda _: f"/{next(left)}", name)

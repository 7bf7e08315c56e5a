"""Names of terms, and whole documents of them, drawn at random."""

import re

from hypothesis import strategies as st

from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind, Names

COUNTED = re.compile("/n(?=/|$)")


def names_of(kind: CommittedKind) -> tuple[str, ...]:
    """List every name of a kind's catalogue; what is counted with `n` in the number's place."""
    return tuple(_listed("", CATALOGUES[kind]))


def _listed(before: str, names: Names) -> list[str]:
    listed = [before + name for name in names.single] + [f"{before}{name}/n" for name in names.lists]
    for name, inner in names.groups.items():
        listed += _listed(f"{before}{name}/n/", inner)
    return listed


def term_names(kind: CommittedKind = CommittedKind.INVOICE, most: int = 5) -> st.SearchStrategy[str]:
    """Draw a name of a kind's catalogue; what repeats is counted up to `most`."""
    names = st.sampled_from(names_of(kind))
    return st.builds(_counted, names, st.lists(st.integers(1, most), min_size=2, max_size=2))


def _counted(name: str, numbers: list[int]) -> str:
    left = iter(numbers)
    return COUNTED.sub(lambda _: f"/{next(left)}", name)

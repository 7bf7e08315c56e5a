"""Blocks inside pages that people write: what stands between two marks is made from the code."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

BLOCK = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: Path, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Give a page with its blocks made anew; each has its marks in the page once.

    Args:
        page: the file, with the marks `<!-- made: NAME -->` and `<!-- end -->` on lines of their own.
        blocks: what stands between them, by name.
    """
    text = page.read_text("utf-8")
    marked = [found[2] for found in BLOCK.finditer(text)]
    assert sorted(marked) == sorted(blocks), f"{page.name} has marks for {marked}, and blocks are made for {[*blocks]}"
    return BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]().strip()}\n\n{found[3]}", text)

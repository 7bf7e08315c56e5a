"""What of a vendored file is reached from the names that are asked of it: the rest is left out of the page.

A file is a row of definitions, each from a line that begins at the margin, after one that ended, to the next. One is
kept if a kept one says its name anywhere; what defines no single name is always kept. So too much may be kept, and
never too little.
"""

import re

_BEGINS = re.compile(r"(?:\A|(?<=[;}]\n))[A-Za-z_$]")
_DEFINES = re.compile(r"(?:async )?(?:function\*?|class|const|let) (\w+)\b")
_SEVERAL = re.compile(r"(\w+)\s*=(?![=>])")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def trimmed(code: str, wanted: set[str]) -> str:
    """Leave out the definitions that nothing wanted reaches.

    Args:
        code: a script of definitions, without comments, imports and exports.
        wanted: the names that are asked of it.
    """
    code = re.sub(r"\n\s*\n", "\n", code.strip()) + "\n"
    starts = [found.start() for found in _BEGINS.finditer(code)]
    parts = [code[at:to] for at, to in zip(starts, [*starts[1:], len(code)], strict=True)]
    defined = [_defined(part) for part in parts]
    said = [set(_NAME.findall(part)) for part in parts]
    kept = {at for at, names in enumerate(defined) if not names or names & wanted}
    waiting = [*kept]
    while waiting:
        asked = said[waiting.pop()]
        more = {at for at, names in enumerate(defined) if names & asked} - kept
        kept |= more
        waiting += more
    return code[: starts[0]] + "".join(part for at, part in enumerate(parts) if at in kept)


def _defined(part: str) -> set[str]:
    """Name what a part defines; `const one = 1, two = 2` is taken for one of all its names."""
    found = _DEFINES.match(part)
    if found is None:
        return set()
    return {found[1], *(_SEVERAL.findall(part) if part.startswith(("const ", "let ")) else ())}


_TEXT_OR_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|(?<=[,;{}()=<>&|?:]) +(?=\S)|(?<=\S) +(?=[;{}()=<>&|?:])')


def squeezed(code: str) -> str:
    """Take blanks out of a script, but for those in texts.

    A line that holds a template, a regular expression or a text in single quotes is left as it is, and no line is
    joined to another.
    """
    return "\n".join(
        line if "`" in line or "/" in line or "'" in line else _TEXT_OR_BLANKS.sub(lambda found: found[1] or "", line)
        for line in code.split("\n")
    )

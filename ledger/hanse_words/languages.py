"""Which languages there are, and the catalogue of each."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

CATALOGUES = Path(__file__).parent / "catalogues"


class Language(Struct, frozen=True, kw_only=True):
    """A language: its code (BCP 47), what it calls itself, and whether it is written from right to left."""

    code: str
    name: str
    leftwards: bool = False


ENGLISH = "en"

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        language.code: language
        for language in (
            Language(code=ENGLISH, name="English"),
            Language(code="zh", name="简体中文"),
            Language(code="de", name="Deutsch"),
            Language(code="fr", name="Français"),
            Language(code="es", name="Español"),
            Language(code="ar", name="العربية", leftwards=True),
        )
    }
)
"""By code: those that a corridor's people were asked for first."""


@cache
def catalogue_of(code: str) -> Mapping[str, str]:
    """Read the catalogue of a language: words by id. Raises KeyError where there is no such language."""
    language = LANGUAGES[code]
    words: dict[str, str] = json.loads((CATALOGUES / f"{language.code}.json").read_bytes())
    return MappingProxyType(words)

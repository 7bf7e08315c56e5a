"""The catalogues of other languages, written anew: `make words`.

New messages get a place in each `.po` file; what is said no longer stands at its end, out of use, for when it is said
again; and translations of other English words than today's stand there as fuzzy: they count again when somebody has
looked at them.
"""

from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from hanse_words import ENGLISH, LANGUAGES
from hanse_words.languages import CATALOGUES
from tests.conftest import ROOT
from tests.words.collected import messages
from tests.words.translations import PO, catalogue_bytes, translations

VOLATILE = tuple(
    f'"{name}: '.encode()
    for name in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Generated-By",
        "Last-Translator",
        "Language-Team",
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
    )
)

HEADER = """# {name}, for Hanse. The words of the source stand beside their ids; `make words` writes this file anew.
# See docs/contributing/words.md.
#"""


def po_bytes(code: str) -> bytes:
    """Write the translations of a language again: the messages of today, with what is known of each."""
    path = PO / f"{code}.po"
    known = Catalog()
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=code)
    old = {message.context: message for message in known if message.id}
    unused = list(known.obsolete.values())
    header = HEADER.format(name=LANGUAGES[code].name)
    catalog = Catalog(locale=code, project="Hanse", version="0", charset="utf-8", header_comment=header, fuzzy=False)
    for name, words in messages().items():
        before = next((each for each in unused if (each.context, each.id) == (name, words)), None) or old.get(name)
        string = before.string if before is not None else ""
        same = before is None or not string or (before.id == words and not before.fuzzy)
        catalog.add(words, string, context=name, flags=() if same else ("fuzzy",))
    today = set(messages().items())
    for message in sorted([*unused, *old.values()], key=lambda each: (str(each.context), str(each.id))):
        gone = (str(message.context), str(message.id)) not in today
        # What was mended stands as fuzzy above; what is out of use altogether is kept below.
        if gone and message.string and (message in unused or message.context not in messages()):
            catalog.obsolete[str(message.id), str(message.context)] = message
    written = BytesIO()
    write_po(written, catalog, width=0)
    # When it was written, and by which release of babel, is no part of what it says.
    lines = [line for line in written.getvalue().split(b"\n") if not line.startswith(VOLATILE)]
    return b"\n".join(lines)


if __name__ == "__main__":
    made = {}
    for language in LANGUAGES:
        if language != ENGLISH:
            (PO / f"{language}.po").write_bytes(po_bytes(language))
        made[CATALOGUES / f"{language}.json"] = catalogue_bytes(translations(language))
    for page, data in made.items():
        if not page.exists() or page.read_bytes() != data:
            page.write_bytes(data)
            print(page.relative_to(ROOT))  # noqa: T201 (it tells which catalogues are other ones now)

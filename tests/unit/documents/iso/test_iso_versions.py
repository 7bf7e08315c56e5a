"""Messages of every version of every kind, written from its schema with planted values, are read back whole."""

from pathlib import Path
from pkgutil import iter_modules

import pyiso20022
import pytest
from lxml import etree

from hanse_documents.model.documents import terms
from hanse_documents.syntax.iso.messagetable import MESSAGES, OLDEST
from hanse_documents.syntax.iso20022 import read_iso20022_root, structure_of_message
from hanse_documents.syntax.xml import open_xml
from tests.unit.documents.iso.planting import message_of, planted_in
from tests.unit.documents.iso.schemas import ClassSchema, Schema, XsdSchema

SHORTENED = "pacs.004.001.11"
"""The XSD of this name that is to be had is not the published one: it leaves the amount out that a return must have."""


def versions_with_classes() -> list[str]:
    """List the messages of the table of which there is a class, such as `pacs.008.001.08`."""
    folder = Path(pyiso20022.__file__).parent
    names = [module.name for family in ("camt", "pacs", "pain") for module in iter_modules([str(folder / family)])]
    written = sorted(name.replace("_", ".") for name in names)
    return [name for name in written if name[:8] in MESSAGES and int(name[-2:]) >= OLDEST]


def read_back(schema: Schema, name: str) -> tuple[dict[str, str], dict[str, str], bool | None]:
    """Write a message and read it: what was planted, what was read of it, and whether its structure is right."""
    values, wanted = planted_in(schema, MESSAGES[name[:8]])
    root = open_xml(message_of(schema, values))
    payments, found = read_iso20022_root(root)
    assert found == ()
    (payment,) = payments
    read = terms(payment)
    valid, wrong = structure_of_message(root)
    assert wrong == () or valid is None
    return wanted, {field: read.get(field, "") for field in wanted}, valid


@pytest.mark.parametrize("name", versions_with_classes())
def test_planted_values_are_read_back(name: str) -> None:
    """Whatever the version calls it and wherever it puts it: what the message says is what is read."""
    wanted, read, valid = read_back(ClassSchema(name[:8], name[9:]), name)
    assert read == wanted
    assert len(wanted) >= 8
    assert valid is True


def test_every_kind_has_versions() -> None:
    """Of each row of the table ten versions and more have a class."""
    names = versions_with_classes()
    for definition in MESSAGES:
        assert sum(name.startswith(definition) for name in names) >= 10


def test_published_schemas(iso_schemas: Path) -> None:
    """Written from the published XSDs, which judge them too: the same, and of versions without a class as well."""
    seen: dict[str, int] = {}
    for file in sorted(iso_schemas.glob("*.xsd")):
        name = file.stem
        if name[:8] not in MESSAGES or int(name[-2:]) < OLDEST or name == SHORTENED:
            continue
        schema = XsdSchema(file)
        values, _ = planted_in(schema, MESSAGES[name[:8]])
        judge = etree.XMLSchema(schema.tree)
        judge.assertValid(etree.fromstring(message_of(schema, values)))
        wanted, read, valid = read_back(schema, name)
        assert read == wanted, name
        assert valid is not False, name
        seen[name[:8]] = seen.get(name[:8], 0) + 1
    assert set(seen) == set(MESSAGES) - {"pacs.004"}

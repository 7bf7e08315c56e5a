"""The structure of a document by its published XML Schema."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from hanse_documents.model.errors import FAULTS, Fault, fault
from hanse_documents.rules.pointers import prefixed

RULE = "XSD"


def structure_faults(root: etree._Element, schema: Path) -> tuple[Fault, ...]:
    """Judge a document by its schema; nothing is wrong where the answer is empty."""
    compiled = _compiled(schema)
    # A part of a larger file, such as what an envelope holds, is judged as a document of its own.
    if compiled.validate(root if root.getparent() is None else etree.fromstring(etree.tostring(root, with_tail=False))):
        return ()
    log: Any = compiled.error_log  # the stubs do not say that it is a sequence
    told = [
        fault(prefixed(each.path or ""), seen=prefixed(each.message), wanted="the structure of its schema", rule=RULE)
        for each in log
    ]
    return tuple(dict.fromkeys(told))[:FAULTS]


@lru_cache(maxsize=8)
def _compiled(schema: Path) -> etree.XMLSchema:
    # The files of a package that is installed; they name others beside them, and no network is asked.
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    return etree.XMLSchema(etree.parse(str(schema), parser))

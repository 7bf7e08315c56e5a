"""Naming the place of an element in a message, as the readers do."""

from lxml import etree

REPEATED = frozenset({"CdtTrfTxInf", "Ntry", "Rcrd", "TxDtls", "TxInf", "TxInfAndSts"})
"""What may repeat is always named with its number."""

ACCOUNTS = frozenset({"Ntfctn", "Stmt"})
"""The usual message has one of these: paths stay short then."""


def path_of(element: etree._Element, message: etree._Element) -> str:
    """Name where an element stands below a message: local names, with a number where there are several."""
    steps: list[str] = []
    here: etree._Element | None = element
    while here is not None and here is not message:
        name = etree.QName(here).localname
        alike = sum(1 for _ in here.itersiblings(here.tag, preceding=True)) + 1
        more = alike > 1 or next(here.itersiblings(here.tag), None) is not None
        if more or name not in ACCOUNTS:
            steps.append(f"{name}[{alike}]" if more or name in REPEATED else name)
        here = here.getparent()
    return "/".join(reversed(steps))

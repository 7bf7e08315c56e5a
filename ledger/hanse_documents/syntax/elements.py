"""Going down XML by local names, which versions of a standard keep where namespaces change."""

from hanse_documents.syntax.xml import Element, name_of


def found(root: Element, path: str) -> list[Element]:
    """List the elements at a path of local names, such as `Shipment/GoodsItem`."""
    elements = [root]
    for step in path.split("/"):
        elements = [child for element in elements for child in element if name_of(child)[1] == step]
    return elements


def texts(root: Element, path: str) -> list[str]:
    """List the texts at a path, without the space around them; empty ones are left out."""
    return [told for element in found(root, path) if (told := (element.text or "").strip())]


def text(root: Element, path: str) -> str | None:
    """Give the first text at a path; None where there is none."""
    return next(iter(texts(root, path)), None)

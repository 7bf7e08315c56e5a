"""The reference of the SDK."""

import ast
import re
from pathlib import Path

import hanse_client
from hanse_client import errors
from hanse_client.base.errors import HanseError
from tests.sdk_page import PAGE, resources, write_page


def test_the_page_of_the_sdk_is_what_the_docstrings_say() -> None:
    """docs/sdk.md has every signature and docstring as they are; `python -m tests.sdk_page` rewrites it."""
    assert PAGE.read_text("utf-8") == write_page()


def test_everything_that_is_exported_has_its_place() -> None:
    """Each name of `hanse_client`, each error, and each method of what hangs on a client stands in a heading, once."""
    headings = re.findall(r"^#+ `?([\w.]+)`?$", PAGE.read_text("utf-8"), re.MULTILINE)
    wanted = {*hanse_client.__all__, "HanseError"} - {"errors"}
    wanted |= {
        kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HanseError)
    }
    for name, kind in (*resources(), ("", hanse_client.Client)):
        prefix = f"client.{name}" if name else "client"
        wanted |= {f"{prefix}.{method}" for method in vars(kind) if not method.startswith("_")}
    assert wanted - set(headings) == set()
    assert len(headings) == len(set(headings))


def test_a_name_is_exported_to_all_who_ask() -> None:
    """What loads is listed, and known to type checkers: nobody would miss a name that lacked one of the three."""
    tree = ast.parse(Path(hanse_client.__file__).read_text("utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    known = {alias.name for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    loaded = {*hanse_client._HOMES, "errors"}
    assert {"only loaded": loaded - known, "only typed": known - loaded} == {"only loaded": set(), "only typed": set()}
    assert sorted(hanse_client.__all__) == sorted(loaded)

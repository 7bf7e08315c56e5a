"""Parts of Hanse that not every installation has: loaded by the commands that need them.

The node stands on the SDK, so that nothing here may import it; whoever runs `hanse node` asks for it by name.
"""

import importlib
import importlib.util
from types import ModuleType

from hanse_cli.base.errors import MissingExtra

_NODE_NEEDS = {"alembic", "fastapi", "hanse_node", "prometheus_client", "sqlalchemy", "starlette", "uvicorn"}


def load_node(module: str) -> ModuleType:
    """Load a module of the node, such as `main`.

    Raises:
        MissingExtra: the extra `node` is not installed.
    """
    try:
        return importlib.import_module(f"hanse_node.{module}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _NODE_NEEDS:
            raise
        raise MissingExtra("node", f"the node ({missing})") from error


def need_documents() -> None:
    """Insist that XML documents can be read.

    Raises:
        MissingExtra: the extra `documents` is not installed.
    """
    if importlib.util.find_spec("lxml") is None:
        raise MissingExtra("documents", "a reader of XML documents (lxml)")

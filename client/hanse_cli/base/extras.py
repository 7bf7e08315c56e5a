"""Parts of Hanse that not every installation has: the one place that says which of them a command has missed."""

import importlib.util

from hanse_cli.base.errors import MissingExtra

NODE_NEEDS = frozenset(
    {
        "alembic",
        "fastapi",
        "google",  # protobuf
        "hanse_node",
        "httptools",
        "prometheus_client",
        "sqlalchemy",
        "starlette",
        "tomlkit",
        "uvicorn",
    }
)
"""What the node alone imports. A command loads the node when it runs, and may then miss one of these."""


def missing_extra(error: BaseException) -> MissingExtra | None:
    """Say which extra is missing, if that is why a command could not go on; nil if the error is another."""
    missing = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return MissingExtra("node", f"the node ({missing})") if missing in NODE_NEEDS else None


def need_documents() -> None:
    """Insist that XML documents can be read.

    Raises:
        MissingExtra: the extra `documents` is not installed.
    """
    if importlib.util.find_spec("lxml") is None:
        raise MissingExtra("documents", "a reader of XML documents (lxml)")

"""`hanse demo`: a whole trade and a fraud on this machine, and its proof checked in a fresh process with no node."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.background import interruptible
from hanse_cli.base.console import emit, emit_json, say
from hanse_cli.base.extras import need_documents
from hanse_cli.base.session import JsonOption
from hanse_client.base.errors import InvalidInput

DEFAULT_FOLDER = Path("hanse-demo")
DEFAULT_PORT = 8080


def run_demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="Where to leave everything; by default hanse-demo, or the next free name."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier demonstration in that folder.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Run the node again afterwards, until Ctrl-C.")] = False,
    consortium: Annotated[
        bool, typer.Option("--consortium", help="Four nodes on CometBFT instead of one; one is stopped in the middle.")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65_535, help=f"Where --serve listens; by default {DEFAULT_PORT}.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run a whole trade on this machine, and check its proof offline.

    A marketplace, a chamber of commerce, two customs authorities, two banks, a seller, a buyer, a carrier and a
    customs broker act on one embedded node, or on a consortium's four, each with its own key. A second story tells what
    some of them try that is refused, by which rule, and whose word stops it. Then the nodes are stopped, and one file
    proves that the seller was paid for goods whose origin is certified.
    """
    if consortium and serve:
        raise InvalidInput("--serve runs one node again.", "Run a consortium's nodes with `hanse network up`.")
    if port is not None and not serve:
        raise InvalidInput("--port says where --serve listens.", "Give --serve too.")
    need_documents()
    from hanse_cli.demo.folder import prepare_folder
    from hanse_cli.demo.performing import perform, to_paste, what_next
    from hanse_cli.output.qrcodes import terminal_code
    from hanse_cli.with_node.engines import need_engine
    from hanse_cli.with_node.nodes import run_folder

    if consortium:
        need_engine()
    with interruptible() as check:

        def tell(text: str) -> None:
            check()
            if not json:
                emit(text)

        named = folder is not None
        demo = prepare_folder(folder or DEFAULT_FOLDER, named=named, force=force, consortium=consortium)
        outcome = perform(demo, tell, consortium=consortium)
        if json:
            emit_json(outcome)
        else:
            what_next(demo, tell, consortium=consortium)
    if serve:
        say(f"The node of {demo.path} runs until Ctrl-C.")

        def ready(url: str) -> None:
            (say if json else emit)(url)
            page = f"{url}/verify"
            say(f"\nThe verifier page, for a browser on this machine: {page}\n\n{terminal_code(page)}")
            say(f"\nTo paste into Python, in another terminal:\n\n{to_paste(demo, outcome.trade, url)}")

        run_folder(demo.node, port=DEFAULT_PORT if port is None else port, ready=ready)

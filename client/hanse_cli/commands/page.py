"""`hanse page` writes the verifier page: one file that checks proofs in a browser, offline."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there, write_file
from hanse_cli.base.session import JsonOption, TrustOption, answer, read_trust_file
from hanse_client.base.streams import is_stream
from hanse_page.carried import carried_page


def make_page(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the page, such as verify.html.")],
    trust: TrustOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    json: JsonOption = False,
) -> None:
    """Write the verifier page, with a trust file baked in where one is given.

    Whoever opens it, from disk or from any host, can check proofs there; without a trust file it asks for one.
    """
    given_on = is_stream(out)
    if not given_on and not force and is_there(out):
        raise WouldOverwrite(out)
    trusted = None if trust is None else read_trust_file(trust)
    page = carried_page(b"" if trusted is None else trusted.to_bytes())
    write_file(out, page, force=force)
    if given_on:
        return
    answer({"page": str(out), "bytes": len(page), "ledger": trusted and trusted.ledger}, str(out), as_json=json)
    if trusted is None:
        say(f"Open {out} in a browser, and choose the ledger's trust.json there, or bake it in with --trust.")
    else:
        say(f"Open {out} in a browser: it checks proofs of {trusted.genesis.name}, {trusted.ledger.hex()}.")

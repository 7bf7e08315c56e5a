"""`hanse tag`: what members make of invoices, so that no two of them are the same unseen; and the keys to do so."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, JsonOption, answer, in_session
from hanse_cli.base.values import moment_of
from hanse_cli.output.memberwords import standing_words, tag_rows, words_of
from hanse_cli.output.results import words_of_receipt
from hanse_client.base.errors import InvalidInput
from hanse_client.client import Client
from hanse_client.home.tagkeys import load_key, new_key
from hanse_client.resources.members import no_change
from hanse_client.resources.tagepochs import begin_tags, drop_tags, next_epoch, share_tags
from hanse_documents.semantics.epochkeys import EpochKey, write_key
from hanse_ledger.values import limits
from hanse_ledger.wire.membership import Change, Parameters

app = typer.Typer(name="tag", help="Tags, which make invoices comparable without showing them.", no_args_is_help=True)

EpochArgument = Annotated[int, typer.Argument(metavar="EPOCH", min=0, max=2**32 - 1, help="The epoch of the key.")]
FolderOption = Annotated[Path | None, typer.Option("--dir", metavar="FOLDER", help="The folder of one's own node.")]
ClosesOption = Annotated[
    str | None, typer.Option("--closes", metavar="TIME", help="When it is void; by default in a week.")
]


@app.command()
@in_session
def show(*, session: CommandSession) -> None:
    """Show the epochs of tags in use, and to whom the key of each is sealed."""
    with session.client(signs=False) as client:
        parameters = client.members.present().membership.parameters
    document = {"tag_epochs": parameters.tag_epochs, "tag_keys": parameters.tag_keys}
    session.answer(document, table(tag_rows(parameters)))


@app.command()
@in_session
def begin(*, closes: ClosesOption = None, session: CommandSession) -> None:
    """Propose the next epoch of tags to the members, with a new key, and vote for it. Prints the proposal's id.

    The key is sealed to each member: to its node, or to its office where it runs none. Nobody hands it on, and it lies
    in no file but those of the nodes. Two epochs are in use at most: of two the older one goes, and sellers give what
    they still want to pledge tags of the new one before (hanse invoice retag).
    """
    with session.client() as client:
        members = client.members.present().membership
        key = new_key(next_epoch(members))
        change = begin_tags(no_change(), members, key, client.members.tag_recipients())
        _propose(session, client, change, closes)


@app.command()
@in_session
def share(
    epoch: EpochArgument,
    *,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The epoch's key, where it lies in no node's folder.")
    ] = None,
    folder: FolderOption = None,
    closes: ClosesOption = None,
    session: CommandSession,
) -> None:
    """Propose to seal the key of an epoch in use to all members anew. Prints the proposal's id.

    For a member that came later, or whose node has another key now; and once for a key that the members have handed on
    themselves: from then on it stands in the ledger to which key they commit. Name the key with --key or --dir.
    """
    with session.client() as client:
        members = client.members.present().membership
        own = _own_key(client, members.parameters, epoch, key, folder)
        _propose(session, client, share_tags(no_change(), members, own, client.members.tag_recipients()), closes)


@app.command()
@in_session
def drop(epoch: EpochArgument, *, closes: ClosesOption = None, session: CommandSession) -> None:
    """Propose to end an epoch of tags. Prints the proposal's id.

    Invoices that bear no tag of the epochs that stay are not comparable any more, and cannot be pledged before their
    sellers give them one. Nodes keep its key.
    """
    with session.client() as client:
        members = client.members.present().membership
        _propose(session, client, drop_tags(no_change(), members, epoch), closes)


@app.command()
@in_session
def check(
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id, 64 hexadecimal digits.")],
    *,
    folder: FolderOption = None,
    session: CommandSession,
) -> None:
    """Try, before voting, whether the keys that a proposal brings open here, and are those to which it commits.

    With --dir as one's own node, else as the office of the identity that signs. Nothing is written.
    """
    with session.client() as client:
        found = [each for each in client.members.proposals() if each.id.hex() == proposal.strip().lower()]
        parameters = found[0].change.parameters if found else None
        if parameters is None:
            raise InvalidInput("No open proposal of this id says anything of tags.", "Look: hanse member show")
        epochs = [stated.epoch for stated in parameters.tag_keys]
        for epoch in epochs:
            if folder is None:
                client.members.open_tag_key(epoch, proposal)
            else:
                _opened_by(folder, parameters, epoch)
    session.answer({"epochs": epochs, "opens": True}, ", ".join(str(epoch) for epoch in epochs))
    say("Each of these keys opens, and is the one to which the proposal commits.")


@app.command("open")
@in_session
def open_key(
    epoch: EpochArgument,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the key, mode 0600.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Write the key of an epoch that is sealed to the office of one's member: for who makes tags without a node.

    A member's node takes its key by itself.
    """
    with session.client() as client:
        key = client.members.open_tag_key(epoch)
    write_file(out, write_key(key), force=force, private=True)
    session.answer({"epoch": epoch, "key": str(out)}, str(out))


@app.command("new-key")
@in_session
def make_key(
    epoch: EpochArgument,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the key, mode 0600.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Make a key of tags that the members hand on themselves. The others get this file by a way that nobody reads.

    Whoever has it can test a guess of what an invoice says. Where all members run nodes or have offices, `hanse tag
    begin` does all of it.
    """
    write_file(out, write_key(new_key(epoch)), force=force, private=True)
    session.answer({"epoch": epoch, "key": str(out)}, str(out))
    say(f"Hand {out} to each member that enrols parties or lends, and to nobody else.")


@app.command()
def keep(
    key: Annotated[Path, typer.Argument(help="The key of an epoch, from the member that made it.")],
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The node's folder.")],
    json: JsonOption = False,
) -> None:
    """Put a key that members hand on themselves into a node's folder, so that it makes tags. It is taken up at once.

    A key that the members have voted for comes by itself. An epoch's key is never replaced: there is one. The file can
    be deleted afterwards; the node's copy has mode 0600.
    """
    from hanse_cli.with_node.tagfolders import keep_key

    loaded = load_key(key)
    path = keep_key(folder, loaded)
    answer({"epoch": loaded.epoch, "key": str(path)}, str(path), as_json=json)


@app.command()
@in_session
def make(
    file: Annotated[Path, typer.Argument(help="The invoice, UBL 2.1.")],
    *,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", metavar="FILE", help="The key of an epoch; one for each epoch in use."),
    ] = None,
    seller: Annotated[
        Path, typer.Option("--seller", metavar="FILE", help="The seller's identity: hanse party show ID --opening.")
    ],
    buyer: Annotated[Path, typer.Option("--buyer", metavar="FILE", help="The buyer's identity, likewise.")],
    session: CommandSession,
) -> None:
    """Make the tags of an invoice; one line an epoch, as the options --tag take them.

    With the members' keys they are made here. Without, the node makes them: for the seller, as the node of the member
    with which it is, and for that member itself. Both identities are compared with the enrolments.
    """
    keys = [load_key(path) for path in key or ()]
    sells, buys = (read_text(path, limits.OPENING_BYTES, "identity") for path in (seller, buyer))
    with session.client(signs=not keys) as client:
        tags = client.invoices.tags(file, seller=sells, buyer=buys, keys=keys)
    lines = [f"{tag.epoch}:{tag.value.hex()}" for tag in tags]
    session.answer({"tags": lines}, "\n".join(lines))


def _propose(session: CommandSession, client: Client, change: Change, closes: str | None) -> None:
    """Propose a change, and say how it stands."""
    say("What is about to be proposed:\n" + table(words_of(change)))
    receipt = client.members.propose(change, closes_ms=moment_of(closes) if closes else None)
    trust, proposals = client.trust(), client.members.proposals()
    session.answer({"proposal": receipt.object_id, "receipt": receipt}, receipt.object_id.hex())
    say(words_of_receipt(receipt))
    standing = [proposal for proposal in proposals if proposal.id == receipt.object_id]
    if standing:
        say(f"The proposal is open: {standing_words(trust.membership, standing[0])}.")
    else:
        say(f"The proposal is not open; the members are of epoch {trust.membership.epoch}.")


def _own_key(client: Client, parameters: Parameters, epoch: int, key: Path | None, folder: Path | None) -> EpochKey:
    """Find the key of an epoch: in a file, at one's node, or sealed to one's office."""
    if key is not None:
        loaded = load_key(key)
        if loaded.epoch != epoch:
            raise InvalidInput(
                f"{key} is the key of epoch {loaded.epoch}.", "Name the key of the epoch that is shared."
            )
        return loaded
    if folder is None:
        return client.members.open_tag_key(epoch)
    from hanse_cli.with_node.tagfolders import kept_key

    return kept_key(folder, parameters, epoch)


def _opened_by(folder: Path, parameters: Parameters, epoch: int) -> None:
    from hanse_cli.with_node.tagfolders import open_key as open_as_node

    open_as_node(folder, parameters, epoch)

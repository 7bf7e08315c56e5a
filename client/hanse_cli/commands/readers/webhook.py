"""`hanse webhook`: what a node tells whom, unasked: added, listed, tried, sent again, paused, given a new secret."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.base.values import object_id_of
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_cli.with_node.webhooks import Hook, HookDelivery

app = typer.Typer(
    name="webhook", help="Webhooks of a node, for its operator; needs the extra `node`.", no_args_is_help=True
)

HOUR_MS = 3_600_000

DirOption = Annotated[Path, typer.Option("--dir", help="The node's folder.")]
TokenOption = Annotated[
    str | None,
    typer.Option("--token", help="The token whose holder it belongs to: it gets what that may read, while it may."),
]
ForPartyOption = Annotated[
    str | None,
    typer.Option("--for-party", metavar="ID", help="The party whose it is: it gets what that party may read."),
]
ForMemberOption = Annotated[
    str | None, typer.Option("--for-member", help="The member whose it is: it gets what that may read, while it may.")
]
NameArgument = Annotated[str, typer.Argument(help="Its name, as `hanse webhook list` shows it.")]


@app.command()
def add(  # noqa: PLR0913 (a command's options)
    name: Annotated[str, typer.Argument(help="What it is called: up to 63 of a-z, 0-9, dots and hyphens.")],
    url: Annotated[str, typer.Argument(help="Where its receiver is, https://….")],
    *,
    folder: DirOption,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Events of this kind, such as invoice.issue or invoice; may be repeated."),
    ] = None,
    concerning: Annotated[
        list[str] | None,
        typer.Option("--object", metavar="ID", help="Events that concern this object; may be repeated."),
    ] = None,
    party: Annotated[
        list[str] | None,
        typer.Option("--party", metavar="ID", help="Events that concern this party; may be repeated."),
    ] = None,
    token: TokenOption = None,
    for_party: ForPartyOption = None,
    for_member: ForMemberOption = None,
    ed25519: Annotated[
        bool,
        typer.Option("--ed25519", help="Sign with a key pair (v1a): its receiver gets the public key, and no secret."),
    ] = False,
    begin: Annotated[
        int | None, typer.Option("--from", min=0, help="From which position on; by default what comes from now on.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Add a webhook, and show its secret, once. A running node delivers to it within a second."""
    from hanse_cli.with_node.webhooks import add_webhook, whose

    owner = whose(token=token, party=None if for_party is None else object_id_of(for_party), member=for_member)
    objects = [object_id_of(text) for text in (*(concerning or ()), *(party or ()))]
    added = add_webhook(
        folder,
        name,
        url,
        kinds=kind or (),
        objects=objects,
        owner=owner,
        ed25519=ed25519,
        begin=begin,
        now=now_ms(),
    )
    told = {"secret": added.secret} if added.secret else {"public_key": added.hook.public}
    document = {"name": name, "url": url, "owner": added.hook.owner, "position": added.hook.position, **told}
    answer(document, added.secret or added.hook.public, as_json=json)
    if added.secret:
        say("Give it to the receiver alone; it cannot be shown again.")
    else:
        say("The receiver verifies with this public key.")
    say(f"It gets everything from position {added.hook.position} on.")
    say(f"Try it: hanse webhook trigger {name} --dir {folder}")


@app.command("list")
def list_all(*, folder: DirOption, json: JsonOption = False) -> None:
    """List a node's webhooks: where each leads, what it wants, how far it has come, and whether it fails."""
    from hanse_cli.with_node.webhooks import list_webhooks

    document, rows = [], []
    for hook, wants, behind in list_webhooks(folder):
        document.append(
            {
                **_shown(hook),
                "owner": hook.owner,
                "kinds": list(wants.kinds),
                "objects": list(wants.objects),
                "public_key": hook.public or None,
                "added": moment_words(hook.made),
                "behind": behind,
            }
        )
        rows.append(
            (hook.name, f"{hook.url}; for {hook.owner}; {_state(hook)}; at position {hook.position}, {behind} behind")
        )
    answer(document, table(rows), as_json=json)
    if not rows:
        say("There are none.")


@app.command()
def deliveries(
    name: NameArgument,
    *,
    folder: DirOption,
    most: Annotated[int, typer.Option("--most", min=1, max=1_000, help="How many, the newest first.")] = 20,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that were not accepted.")] = False,
    json: JsonOption = False,
) -> None:
    """List the newest deliveries to a webhook: of which event, when, and what the receiver answered."""
    from hanse_cli.with_node.webhooks import list_deliveries

    found = [each for each in list_deliveries(folder, name, most) if not (failed and each.accepted)]
    rows = [
        (
            moment_words(each.made),
            f"{each.type}; {each.id}; {each.milliseconds} ms; {each.fault or f'accepted with {each.status}'}",
        )
        for each in found
    ]
    answer([_delivered(each) for each in found], table(rows), as_json=json)
    if not rows:
        say("There are none.")


@app.command()
def trigger(name: NameArgument, *, folder: DirOption, json: JsonOption = False) -> None:
    """Send a webhook a message that says nothing but that it is tried, and show what its receiver answers."""
    from hanse_cli.with_node.webhooks import try_webhook

    sent = try_webhook(folder, name, now_ms())
    answer(_delivered(sent), f"Accepted with {sent.status}, after {sent.milliseconds} ms.", as_json=json)


@app.command()
def replay(
    name: NameArgument,
    *,
    folder: DirOption,
    begin: Annotated[
        int | None, typer.Option("--from", min=0, help="Send everything from this position on, in order, once more.")
    ] = None,
    record: Annotated[
        str | None, typer.Option("--record", metavar="ID", help="Send the event of this record alone once more, now.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Send again: everything from a position on, or one event. Each has the id that it had before."""
    from hanse_cli.with_node.webhooks import resume_webhook, send_again

    if (begin is None) == (record is None):
        raise InvalidInput("Say what is to be sent again.", "Give either --from POSITION or --record ID.")
    if record is not None:
        sent = send_again(folder, name, object_id_of(record, "record's id"))
        answer(_delivered(sent), f"Accepted with {sent.status}, after {sent.milliseconds} ms.", as_json=json)
        return
    hook = resume_webhook(folder, name, now_ms(), begin)
    answer(_shown(hook), f"{name} gets everything from position {hook.position} on.", as_json=json)


@app.command()
def rotate(
    name: NameArgument,
    *,
    folder: DirOption,
    overlap: Annotated[
        int,
        typer.Option(
            "--overlap", min=0, max=168, help="For so many hours the old secret signs too; 0 for one that was seen."
        ),
    ] = 24,
    ed25519: Annotated[
        bool | None,
        typer.Option(
            "--ed25519/--hmac", help="Sign with a key pair, or with a secret, from now on; as before if unsaid."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Give a webhook a new secret, and show it, once. Until the overlap ends messages bear the signatures of both."""
    from hanse_cli.with_node.webhooks import rotate_webhook

    hook, secret, until = rotate_webhook(folder, name, now_ms(), overlap_ms=overlap * HOUR_MS, ed25519=ed25519)
    told = {"secret": secret} if secret else {"public_key": hook.public}
    document = {"name": name, "old_until": None if until is None else moment_words(until), **told}
    answer(document, secret or hook.public, as_json=json)
    say("Nothing is signed with an old one." if until is None else f"Old ones count until {moment_words(until)}.")


@app.command()
def pause(name: NameArgument, *, folder: DirOption, json: JsonOption = False) -> None:
    """Send nothing more to a webhook until it is resumed; what happens meanwhile is sent then."""
    from hanse_cli.with_node.webhooks import pause_webhook

    hook = pause_webhook(folder, name, now_ms())
    answer(_shown(hook), f"{name} is paused at position {hook.position}.", as_json=json)


@app.command()
def resume(name: NameArgument, *, folder: DirOption, json: JsonOption = False) -> None:
    """Go on with a webhook that is paused, from where it stands: nothing is left out."""
    from hanse_cli.with_node.webhooks import resume_webhook

    hook = resume_webhook(folder, name, now_ms())
    answer(_shown(hook), f"{name} goes on from position {hook.position}.", as_json=json)


@app.command()
def remove(name: NameArgument, *, folder: DirOption, json: JsonOption = False) -> None:
    """Remove a webhook, its secret and the list of its deliveries."""
    from hanse_cli.with_node.webhooks import remove_webhook

    remove_webhook(folder, name)
    answer({"name": name, "removed": True}, f"{name} is removed.", as_json=json)


def _shown(hook: "Hook") -> dict[str, object]:
    return {
        "name": hook.name,
        "url": hook.url,
        "position": hook.position,
        "paused": None if hook.paused is None else moment_words(hook.paused),
        "reason": hook.reason or None,
        "failing_since": None if hook.failing is None else moment_words(hook.failing),
        "attempts": hook.attempts,
        "next_attempt": moment_words(hook.due) if hook.due else None,
    }


def _state(hook: "Hook") -> str:
    if hook.paused is not None:
        return f"paused {moment_words(hook.paused)}: {hook.reason}"
    if hook.failing is not None:
        since, due = moment_words(hook.failing), moment_words(hook.due)
        return f"fails since {since}, {hook.attempts} attempts, the next at {due}"
    return "delivers"


def _delivered(delivery: "HookDelivery") -> dict[str, object]:
    return {
        "id": delivery.id,
        "type": delivery.type,
        "position": delivery.position,
        "sent": moment_words(delivery.made),
        "milliseconds": delivery.milliseconds,
        "status": delivery.status,
        "accepted": delivery.accepted,
        "fault": delivery.fault or None,
    }

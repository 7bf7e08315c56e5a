"""What the engine's last words mean for whoever runs the node, and what to do about it."""

from msgspec import Struct

KEEP = "keep both data sets as they are, and ask the other members how far they are"


class Explanation(Struct, frozen=True):
    """Why the engine ended: what is wrong and what to do. `lasting` causes are not gone with another start.

    `mark` stands in its last words, and `also` does too.
    """

    mark: str
    words: str
    lasting: bool = True
    also: str = ""


OTHER_STATE = (
    "this node comes to another state than the network: its database, or the rules that it runs, were changed; "
    f"{KEEP}, run `hanse log verify`, and start the release that the others run"
)

FORGOTTEN = (
    "the ledger holds more blocks than its engine knows: comet/data is missing or of an earlier time; bring that "
    f"folder back from this node's own disk, or {KEEP}"
)

EXPLANATIONS = (
    Explanation("app block height", FORGOTTEN),
    Explanation("AppHash does not match", FORGOTTEN, also='"storeHeight":0'),
    Explanation("wrong Block.Header.AppHash", OTHER_STATE),
    Explanation(
        "wrong Block.Header.LastResultsHash",
        "this node comes to other results than the network: the rules that it runs were changed; "
        f"{KEEP}, and start the release that the others run",
    ),
    Explanation(
        "AppHash does not match",
        f"this node's database is not the one that its engine has seen: it was changed, or is of another time; {KEEP}",
    ),
    Explanation("no space left on device", "the disk is full: make room, then start the node again", lasting=False),
    Explanation(
        "address already in use", "another program has one of the engine's ports: see comet/config/config.toml"
    ),
    Explanation(
        "CONSENSUS FAILURE", "the engine's consensus has failed: its log says why; start the node again", lasting=False
    ),
)


def explain(last_words: str) -> Explanation | None:
    """Find out why an engine has ended, from its last words; nothing where they say nothing that is known."""
    said = last_words.lower()
    return next(
        (
            explanation
            for explanation in EXPLANATIONS
            if explanation.mark.lower() in said and explanation.also.lower() in said
        ),
        None,
    )

"""How each kind of problem looks to whoever meets it."""

from collections.abc import Mapping
from typing import NamedTuple


class Face(NamedTuple):
    """How a kind of problem looks: its HTTP status, and what it says to its reader; without a message its detail."""

    status: int
    title: str
    message: str
    action: str


FACES: Mapping[str, Face] = {
    "malformed": Face(
        400,
        "The request is malformed",
        "The node cannot read what was sent.",
        "Correct the place that the error names; make records with a current SDK.",
    ),
    "unauthorized": Face(
        401,
        "A token or a signature is needed",
        "This node asks who reads.",
        "Sign the request with a party's, an officer's or a member's key (--identity), or bear a token that the node's "
        "operator gave you (--token-file).",
    ),
    "request-not-signed": Face(
        401,
        "Not signed as it must be",
        "",
        "Sign method, authority, path, query and Content-Digest as RFC 9421 says: see docs/api.md. A proxy in front "
        "must pass path and Host on as they came.",
    ),
    "request-untimely": Face(
        401,
        "Not signed now",
        "",
        "Set this machine's clock, compare the answer's Date, and sign the request anew.",
    ),
    "request-misdirected": Face(
        401,
        "Signed for another",
        "",
        "Sign it for the address that is asked; the node's operator names all of them in [listen].",
    ),
    "request-replayed": Face(
        401,
        "Sent twice",
        "A signed request counts once.",
        "Sign it anew, with another nonce.",
    ),
    "signer-refused": Face(
        403,
        "This key opens nothing",
        "",
        "Sign with a key that is in force: of an enrolled party, an appointed officer, or a member.",
    ),
    "forbidden": Face(
        403,
        "Not for this node",
        "Only the nodes of members in force, and of observers that this node's operator has named, may ask this.",
        "Ask the members to admit you, or this node's operator to name you an observer.",
    ),
    "out-of-scope": Face(
        403,
        "Not what this token is for",
        "The token counts, and does not open this.",
        "Ask the node's operator for a token with the scope that is named.",
    ),
    "not-found": Face(404, "Not found", "Nothing with this name is here.", "Check the id and its kind."),
    "method-not-allowed": Face(405, "Method not allowed", "This path has no such method.", "See /openapi.json."),
    "behind": Face(
        409,
        "This node is behind",
        "This node has not come as far as the head that it should cosign.",
        "Ask again after a moment.",
    ),
    "contradicted": Face(
        422,
        "The head contradicts this node's log",
        "This node's own log has another root at that size.",
        "Keep both heads as evidence, and tell the other members.",
    ),
    "timeout": Face(408, "The body did not arrive", "Sending took too long.", "Send again: it is harmless."),
    "name-taken": Face(
        409,
        "The name is taken",
        "Another proof is published under this name.",
        "Publish under another name, which nobody can guess.",
    ),
    "no-room": Face(
        409,
        "No room for more published proofs",
        "As many proofs are published as may be.",
        "Withdraw some that nobody needs any more; or ask the node's operator for room (`[publishing]` in node.toml).",
    ),
    "withdrawn": Face(
        410,
        "Withdrawn",
        "Whoever published this proof has withdrawn it.",
        "Ask whoever gave you the code for a proof that stands, and rely on nothing until then.",
    ),
    "unpublishable": Face(
        422,
        "Not a proof that can be published",
        "This node publishes nothing on which its own verifier would not rely.",
        "See the detail: which step the proof does not pass, or what has happened since it was made.",
    ),
    "wrong-secret": Face(
        403,
        "Not the secret of this proof",
        "Only the secret that was given when it was published withdraws a proof.",
        "Withdraw it with the home folder from which it was published; or ask the node's operator.",
    ),
    "payload-unknown": Face(
        404,
        "No such document here",
        "No sealed document with this hash is here.",
        "Ask again later, or ask another node: whoever seals a document sends it before its record.",
    ),
    "payload-erased": Face(
        410,
        "Erased",
        "This document was erased by a record of its owner's, and no honest node has it any more.",
        "Rely on the copy that you have fetched before; proofs stay valid.",
    ),
    "payload-refused": Face(
        422,
        "Not taken",
        "This node takes sealed documents of 1 byte to 8 MiB, for records that expire within seven days.",
        "See the detail.",
    ),
    "payload-differs": Face(
        422,
        "Another document",
        "The bytes that have come have another hash than the address says. They were deleted.",
        "Send it anew, from its first byte.",
    ),
    "readers-differ": Face(
        422,
        "Other readers",
        "By its record the document has other readers than those that were told, or none whom this node serves.",
        "Tell the ids and the salts of which the record's commitments were made.",
    ),
    "wrong-offset": Face(
        409,
        "The piece begins elsewhere",
        "A piece of a sealed document begins where those before it end.",
        "Ask how far it has come, and go on there.",
    ),
    "too-large": Face(
        413,
        "Too large",
        "The request, or its answer, exceeds a bound.",
        "Send fewer records at once; ask for a proof with view=status, which leaves the records out.",
    ),
    "unsupported-media-type": Face(
        415, "Unsupported media type", "The node does not read this kind of body.", "See /openapi.json for the kinds."
    ),
    "head-too-large": Face(
        431,
        "The head is too large",
        "A request's head has more bytes, or more header fields, than the node reads.",
        "Send a shorter address, and fewer or shorter header fields.",
    ),
    "misdirected": Face(
        421, "Misdirected request", "This node does not answer under that name.", "Use the node's own address."
    ),
    "quota-exceeded": Face(
        429,
        "Too many requests",
        "More was sent in a short time than one sender may send.",
        "Send the same again after as many seconds as Retry-After says: it is harmless.",
    ),
    "not-tagged-here": Face(
        422,
        "No tags for whoever asks",
        "A node makes tags for the sellers that its member has enrolled, and for its member itself.",
        "Sign as the invoice's seller, and ask the node of the member with which it is; a bank asks its own.",
    ),
    "identity-differs": Face(
        422,
        "A party is not enrolled as is said",
        "An identity in the request is not the one to which the party's enrolment commits, or has no number.",
        "Get it from the party again: hanse party show ID --opening FILE.",
    ),
    "tag-key-missing": Face(
        409,
        "A key of tags is missing",
        "This node has not the members' key of an epoch in use.",
        "Have it sealed to this node (hanse tag share), or put there (hanse tag keep); until then issue without tags.",
    ),
    "tag-key-differs": Face(
        409,
        "A key of tags is not the members'",
        "What this node has as the key of an epoch is not the one for which the members have voted: its tags would "
        "match nobody's.",
        "Have its operator take that file out of tags/ in its folder: it then takes the key that is sealed to it.",
    ),
    "refused": Face(422, "The rules refuse the record", "", ""),
    "internal": Face(
        500,
        "A bug of ours",
        "Something went wrong inside the node.",
        "Tell the node's operator the request id; the node's log says more under it.",
    ),
    "busy": Face(503, "The node is busy", "The node has too much to do.", "Send again after a moment: it is harmless."),
    "unavailable": Face(
        503,
        "The node takes no records",
        "The node is stopping, or has failed.",
        "Send again later, which is harmless; the node's operator finds the reason in its log.",
    ),
}
"""Every code but the reasons of refusals, which `hanse_ledger.values.reasons` explains."""

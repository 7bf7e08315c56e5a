"""Salted commitments to a document's terms: show some, hide others.

The terms of a document (EN 16931 `BT-…` numbers for invoices, named fields for the rest), sorted
by name, are leaves `[name, salt, value]` in canonical bytes, of an RFC 9162 tree whose root the record carries. Each
salt derives from one secret seed, so that its owner keeps 32 bytes and a holder of some terms
cannot guess the others. The file itself is committed as SHA-256(salt, SHA-256(file)).
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from hanse_ledger import limits
from hanse_ledger.codec import decode_canonical, encode
from hanse_ledger.errors import Malformed, ProofInvalid
from hanse_ledger.hashing import derive_salt, hash_bytes, hash_leaf
from hanse_ledger.merkle import inclusion_path, root_of, verify_inclusion
from hanse_ledger.records import Commitment, TermsRoot
from hanse_ledger.types import Digest

FILE_SALT = b"file"


class Term(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One leaf: `[name, salt, value]`."""

    name: str
    salt: bytes
    value: str


class DisclosedTerm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A term shown to somebody: the leaf's canonical bytes, where it stands and the path to the root."""

    index: int
    leaf: bytes
    path: tuple[Digest, ...]


_term_decoder = msgspec.msgpack.Decoder(Term)


def term_leaves(terms: Mapping[str, str], seed: bytes) -> list[bytes]:
    """Write terms as leaves, in byte order of their names.

    Args:
        terms: 1 to 4,096 names, each with a text of at most 4,096 bytes.
        seed: the owner's secret, 32 bytes; the salts derive from it.

    Raises:
        Malformed: too many terms, none, or one too long.
    """
    if not 1 <= len(terms) <= limits.TERMS:
        raise Malformed(f"terms: {len(terms)} of them; 1 to {limits.TERMS} are allowed")
    leaves = []
    for name in sorted(terms, key=str.encode):
        leaf = encode(Term(name, derive_salt(seed, f"term {name}".encode()), terms[name]))
        if len(leaf) > limits.TERM_BYTES:
            raise Malformed(f"terms: {name} has more than {limits.TERM_BYTES} bytes")
        leaves.append(leaf)
    return leaves


def commit_terms(terms: Mapping[str, str], seed: bytes) -> TermsRoot:
    """Commit to terms. Raises Malformed as `term_leaves` does."""
    leaves = term_leaves(terms, seed)
    return TermsRoot(count=len(leaves), root=root_of([hash_leaf(leaf) for leaf in leaves]))


def commit_file(data: bytes, seed: bytes) -> Digest:
    """Commit to a file: SHA-256(salt, SHA-256(file)), the salt derived from the seed."""
    return hash_bytes(derive_salt(seed, FILE_SALT) + hash_bytes(data))


def commit_document(data: bytes, terms: Mapping[str, str], seed: bytes, *, discoverable: bool) -> Commitment:
    """Commit to a document: its file and its terms; `discoverable` shows the file's plain hash too."""
    return Commitment(
        discoverable=hash_bytes(data) if discoverable else None,
        file=commit_file(data, seed),
        terms=commit_terms(terms, seed),
    )


def disclose(terms: Mapping[str, str], seed: bytes, name: str) -> DisclosedTerm:
    """Show one term of a commitment.

    Raises:
        Malformed: there is no such term.
    """
    if name not in terms:
        raise Malformed(f"terms: there is no {name} among {', '.join(sorted(terms))[: limits.TEXT]}")
    leaves = term_leaves(terms, seed)
    index = sorted(terms, key=str.encode).index(name)
    path = inclusion_path([hash_leaf(leaf) for leaf in leaves], index)
    return DisclosedTerm(index=index, leaf=leaves[index], path=tuple(path))


def open_term(shown: DisclosedTerm, commitment: TermsRoot) -> Term:
    """Check a shown term against the commitment in a record, and read it.

    Raises:
        ProofInvalid: the leaf is not canonical, or the path does not lead to the commitment.
    """
    try:
        term = decode_canonical(shown.leaf, _term_decoder, "term")
    except Malformed as error:
        raise ProofInvalid(error.detail) from error
    verify_inclusion(hash_leaf(shown.leaf), shown.index, commitment.count, shown.path, commitment.root)
    return term

"""Salted commitments to a document's terms: show some, hide others, and show that something is not said.

The terms of a document, or of a party's identity, are leaves `[name, salt, value]` in canonical bytes, of a small map
by SHA-256(name) that is hashed as the claims are (see `claims`): a name has one place there, and so one value. Every
name of the kind's catalogue has a leaf; the value of what is not said is nil, so that no path tells which terms there
are, and showing that leaf shows the absence. What repeats has a leaf for each place, `BG-25/2`, up to the next power of
two, the further ones nil; its value is a text, or the root of a map of its own. The record carries the root.

Each salt derives from one secret seed and the name, so that its owner keeps 32 bytes and a holder of some terms cannot
guess the others. The file itself is committed as SHA-256(salt, SHA-256(file)).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Raw, Struct

from hanse_ledger.trees.claims_map import ClaimProof, leaf_bytes, leaf_hash, verify_presence
from hanse_ledger.trees.laid_map import LaidMap
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import derive_salt, hash_bytes
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind, Names, place_of
from hanse_ledger.wire.codec import decode_canonical, encode

FILE_SALT = b"file"

TermValue = str | Digest | None
"""What a leaf says: a text, the root of a map, or nothing."""


class TermLeaf(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One leaf.

    Attributes:
        name: the whole name of the term, from the document on.
        salt: SHA-256(seed, `term `, name), cut to 16 bytes.
        value: a text; the root of a map, 32 bytes; or nil.
    """

    name: str
    salt: Annotated[bytes, Meta(min_length=16, max_length=16)]
    value: Raw


class ShownLeaf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A leaf, and its way in its map.

    Attributes:
        leaf: its canonical bytes.
        siblings: the hashes beside its way, from the leaf to the root.
    """

    leaf: Annotated[bytes, Meta(max_length=limits.TERM_BYTES)]
    siblings: Annotated[tuple[Digest, ...], Meta(max_length=limits.TERM_PATH_HASHES)]


class DisclosedTerm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A term shown to somebody: for `BG-25/2/BT-131` the leaf `BG-25/2` in the document's map, then that in its own."""

    leaves: Annotated[tuple[ShownLeaf, ...], Meta(min_length=1, max_length=limits.TERM_DEPTH)]


class Term(Struct, frozen=True):
    """A term that a document is proven to have, or, with the value nil, is proven not to have."""

    name: str
    value: str | None


class _Kept(NamedTuple):
    """What follows from a name alone: its place, its leaf as far as the salt, and what its salt derives from."""

    place: Digest
    head: bytes
    salted: bytes


@lru_cache(limits.TERM_KEPT)
def _kept(name: str) -> _Kept:
    """Give what follows from a name, which every document of its kind has."""
    # `[name, salt, value]` is canonical MessagePack: an array of three, the name, and a `bin` of 16 bytes.
    return _Kept(hash_bytes(name.encode()), b"\x93" + encode(name) + b"\xc4\x10", f"term {name}".encode())


_Texts = dict[str, "str | _Texts"]
"""What a map says: by name a text, or for one of a group what its own map says."""


class _Map(Struct, frozen=True):
    """A map laid out by the hashes of its leaves, and the leaves by name."""

    laid: LaidMap
    leaves: dict[str, bytes]

    def show(self, name: str) -> ShownLeaf:
        return ShownLeaf(leaf=self.leaves[name], siblings=self.laid.siblings(_kept(name).place))


class CommittedTerms:
    """A document's terms, laid out to be committed to and to be shown."""

    def __init__(self, kind: CommittedKind, terms: Mapping[str, str], seed: bytes) -> None:
        """Lay terms out.

        Args:
            kind: whose terms they are.
            terms: their texts by name; what is not named is committed to as not said.
            seed: the owner's secret, 32 bytes; the salts derive from it.

        Raises:
            Malformed: none, a name that the kind's catalogue does not have, more in a group or in a line than
                `limits` allows, or a text that is too long.
        """
        self._kind, self._seed = kind, seed
        self._maps: dict[str, _Map] = {}
        if not terms:
            raise Malformed(said("terms.none", "terms: there are none; at least one must be said"))
        letters = sum(map(len, terms.values()))
        if letters > limits.TERMS_LETTERS:
            raise Malformed(
                said(
                    "terms.letters",
                    "terms: {letters} letters in all; at most {most} are allowed",
                    letters,
                    limits.TERMS_LETTERS,
                )
            )
        self.root = self._lay("", CATALOGUES[kind], _sorted_into_maps(kind, terms))

    def disclose(self, name: str) -> DisclosedTerm:
        """Show one term, or that it is not said: then the leaf shown is the first nil one on the way to it.

        Raises:
            Malformed: the kind's catalogue does not have the name, it names a group that is there, or it is counted
                further than there are places.
        """
        place = place_of(self._kind, name)
        shown, before = [], ""
        for leaf in place.leaves:
            laid = self._maps[before]
            if leaf not in laid.leaves:
                raise Malformed(said("terms.no-place", "terms: there is no place {place}; it is counted too far", leaf))
            shown.append(laid.show(leaf))
            before = f"{leaf}/"
            if before not in self._maps:
                # The last leaf on the way: a text, or nil, which says that nothing stands below it either.
                return DisclosedTerm(leaves=tuple(shown))
        raise Malformed(said("terms.group", "terms: {name} is a group; name one of its terms", name))

    def _lay(self, before: str, names: Names, texts: _Texts) -> Digest:
        """Lay a map out, and what stands below it; give its root."""
        counts = _counts(texts)
        leaves = {name: self._leaf(name, texts.get(name)) for name in (before + single for single in names.single)}
        for repeated in names.repeated:
            for number in range(1, _slots(counts.get(before + repeated, 0)) + 1):
                name = f"{before}{repeated}/{number}"
                found = texts.get(name)
                if isinstance(found, dict):
                    leaves[name] = self._leaf(name, self._lay(f"{name}/", names.groups[repeated], found))
                else:
                    leaves[name] = self._leaf(name, found)
        if before and len(leaves) > limits.TERM_NAMES:
            raise Malformed(
                said(
                    "terms.places",
                    "terms: {group} has {places} places for terms; at most {most} are allowed",
                    before[:-1],
                    len(leaves),
                    limits.TERM_NAMES,
                )
            )
        places = ((_kept(name).place, leaf) for name, leaf in leaves.items())
        laid = LaidMap(sorted((place, leaf_hash(place, leaf)) for place, leaf in places))
        self._maps[before] = _Map(laid, leaves)
        return laid.root

    def _leaf(self, name: str, value: object) -> bytes:
        kept = _kept(name)
        leaf = kept.head + derive_salt(self._seed, kept.salted) + (_NIL if value is None else encode(value))
        if len(leaf) > limits.TERM_BYTES:
            raise Malformed(said("terms.too-long", "terms: {name} has more than {most} bytes", name, limits.TERM_BYTES))
        return leaf


def commit_terms(kind: CommittedKind, terms: Mapping[str, str], seed: bytes) -> Digest:
    """Commit to terms. Raises Malformed as `CommittedTerms` does."""
    return CommittedTerms(kind, terms, seed).root


def commit_file(digest: Digest, seed: bytes) -> Digest:
    """Commit to a file by its SHA-256: SHA-256(salt, digest), the salt derived from the seed."""
    return hash_bytes(derive_salt(seed, FILE_SALT) + digest)


def disclose(kind: CommittedKind, terms: Mapping[str, str], seed: bytes, name: str) -> DisclosedTerm:
    """Show one term of a commitment. Raises Malformed as `CommittedTerms` and its `disclose` do."""
    return CommittedTerms(kind, terms, seed).disclose(name)


def open_term(kind: CommittedKind, shown: DisclosedTerm, commitment: Digest) -> Term:
    """Check a shown term against the commitment in a record, and read it.

    Each leaf must bear the name that stands at its step of the way, and lie where that name's hash says.

    Raises:
        ProofInvalid: a leaf is not canonical, the kind's catalogue does not have its name, it lies elsewhere, or it
            does not lead to the commitment.
    """
    if not shown.leaves:
        raise ProofInvalid(said("terms.no-leaf", "terms: no leaf is shown"))
    try:
        leaves = [decode_canonical(each.leaf, _leaf_decoder, _TERM) for each in shown.leaves]
        values = [_value(bytes(leaf.value)) for leaf in leaves]
        place = place_of(kind, leaves[-1].name)
    except Malformed as error:
        raise ProofInvalid(error.said) from error
    name, text = leaves[-1].name, values[-1]
    if tuple(leaf.name for leaf in leaves) != place.leaves:
        raise ProofInvalid(said("terms.other-way", "terms: the leaves shown are not the way to {name}", name))
    root: TermValue = commitment
    for leaf, value, each in zip(leaves, values, shown.leaves, strict=True):
        if not isinstance(root, bytes):
            raise ProofInvalid(said("terms.nothing-below", "terms: nothing can stand below what leads to {name}", name))
        key = leaf.name.encode()
        way = ClaimProof(siblings=each.siblings, leaf=leaf_bytes(hash_bytes(key), hash_bytes(each.leaf)))
        verify_presence(root, key, each.leaf, way)
        root = value
    if isinstance(text, bytes) or (place.group and text is not None):
        raise ProofInvalid(said("terms.no-text", "terms: {name} is a group, or holds no text", name))
    return Term(name, text)


def leads_to(shown: DisclosedTerm) -> str:
    """Read which name a shown term bears; nothing of it is checked. Raises Malformed."""
    return decode_canonical(shown.leaves[-1].leaf, _leaf_decoder, _TERM).name


_TERM = said("file.term", "term")

_leaf_decoder = msgspec.msgpack.Decoder(TermLeaf)

_text_decoder = msgspec.msgpack.Decoder(str)

_root_decoder = msgspec.msgpack.Decoder(Digest)

_NIL = b"\xc0"

_BIN = b"\xc4"


def _value(data: bytes) -> TermValue:
    """Read a leaf's value. Raises Malformed."""
    if data == _NIL:
        return None
    if data[:1] == _BIN:
        return decode_canonical(data, _root_decoder, _TERM)
    return decode_canonical(data, _text_decoder, _TERM)


def _sorted_into_maps(kind: CommittedKind, terms: Mapping[str, str]) -> _Texts:
    """Put each text into its map. Raises Malformed."""
    texts: _Texts = {}
    for name, text in terms.items():
        place = place_of(kind, name)
        if place.group:
            raise Malformed(said("terms.group-text", "terms: {name} names a group, which has no text of its own", name))
        within = texts
        for item in place.leaves[:-1]:
            below = within.setdefault(item, {})
            assert isinstance(below, dict), "what leads to a term is a group"
            within = below
        within[name] = text
    return texts


def _counts(texts: _Texts) -> dict[str, int]:
    """Give for each repeated name in a map how far it is counted."""
    counts: dict[str, int] = {}
    for name in texts:
        repeated, _, number = name.rpartition("/")
        if number.isdigit():
            counts[repeated] = max(counts.get(repeated, 0), int(number))
    return counts


def _slots(count: int) -> int:
    """Give the next power of two, so that one cannot tell apart none and one, or five and eight."""
    return 1 << max(count - 1, 0).bit_length()

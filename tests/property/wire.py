"""Values of wire types, made from the types themselves: every bound that msgspec knows is kept, and nothing more."""

from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from msgspec import Meta, structs

from hanse_ledger.kinds import KINDS, references
from hanse_ledger.kinds.bundle.bodies import BundleStep, TakeSteps
from hanse_ledger.kinds.bundle.steps import BUNDLED, step_of
from hanse_ledger.records.record import Record, encode_record, make_record
from hanse_ledger.values import limits
from hanse_ledger.values.keys import ED25519, ML_DSA_44
from hanse_ledger.values.types import Moment, PublicKey
from hanse_ledger.wire.part import Body

FAR = 253_402_300_799_999


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Make values of a type: of a Struct, or of one of its fields."""
    if kind is PublicKey:
        return public_keys
    if kind is BundleStep:
        return steps
    meta = [item for item in getattr(kind, "__metadata__", ()) if isinstance(item, Meta)]
    inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    (bound,) = meta or [Meta()]
    return _of(inner, bound)


def _of(kind: Any, bound: Meta) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if origin is tuple:
        return _tuples(values(arguments[0]), bound)
    if origin is Literal:
        return st.sampled_from(arguments)
    return _plain(kind, bound)


def _plain(kind: Any, bound: Meta) -> st.SearchStrategy[Any]:
    if kind in (None, NoneType, bool):
        return st.booleans() if kind is bool else st.none()
    if kind is int:
        least = -(2**63) if bound.ge is None else int(bound.ge)
        return st.integers(least, 2**64 - 1 if bound.le is None else int(bound.le))
    if kind is bytes:
        return st.binary(min_size=bound.min_length or 0, max_size=bound.max_length)
    if kind is str:
        return _texts(bound)
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    return st.builds(kind, **{field.name: values(field.type) for field in structs.fields(kind)})


def _texts(bound: Meta) -> st.SearchStrategy[str]:
    if bound.pattern is None:
        return st.text(min_size=bound.min_length or 0, max_size=bound.max_length or 40)
    return st.from_regex(bound.pattern.replace(r"\Z", ""), fullmatch=True)


def _tuples(items: st.SearchStrategy[Any], bound: Meta) -> st.SearchStrategy[tuple[Any, ...]]:
    # Long lists are no harder than short ones, and slow the search down.
    most = min(6, bound.max_length or 6)
    return st.lists(items, min_size=bound.min_length or 0, max_size=most).map(tuple)


public_keys = st.one_of(
    st.binary(min_size=32, max_size=32).map(lambda raw: bytes([ED25519]) + raw),
    st.binary(min_size=1, max_size=1312).map(lambda raw: bytes([ML_DSA_44]) + raw.ljust(1312, b"\0")),
)
steps: st.SearchStrategy[BundleStep] = st.deferred(
    lambda: st.one_of(*(values(kind.body) for kind in BUNDLED)).map(step_of)
)
"""Of a step the body tells kind and refs, and is one of few kinds; its own type says less."""

bodies: st.SearchStrategy[Body] = st.one_of(*(values(kind.body) for kind in KINDS))
moments: st.SearchStrategy[Moment] = st.integers(0, FAR)


def _record(body: Body, ledger: bytes, keys: list[PublicKey], nonce: bytes, times: tuple[Moment, Moment]) -> Record:
    return make_record(body, ledger=ledger, signers=tuple(keys), nonce=nonce, created=times[0], expires=times[1])


def _records(of: st.SearchStrategy[Body]) -> st.SearchStrategy[Record]:
    return st.builds(
        _record,
        of.filter(lambda body: len(references(body)) <= limits.REFS),
        st.binary(min_size=32, max_size=32),
        st.lists(public_keys, min_size=1, max_size=4, unique=True),
        st.binary(min_size=16, max_size=16),
        st.tuples(moments, moments),
    ).filter(lambda record: len(encode_record(record)) <= limits.RECORD_BYTES)


records = _records(bodies)
bundles = _records(values(TakeSteps))
"""Records whose body is a bundle: of all kinds it is one in many."""

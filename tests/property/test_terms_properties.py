"""Any terms: each can be shown alone, nothing else can, and a name says one thing."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics import values
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.wire.catalogue import CommittedKind, place_of
from hanse_ledger.wire.commitments import CommittedTerms, DisclosedTerm, ShownLeaf, commit_terms, open_term
from tests.tables.hand_made_terms import HandMadeMap, leaf_of
from tests.tables.terms_drawn import term_names

SEED = bytes(range(32))
INVOICE = CommittedKind.INVOICE
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
kinds = st.sampled_from(list(CommittedKind))


def documents(kind: CommittedKind) -> st.SearchStrategy[dict[str, str]]:
    """Draw a document's terms."""
    return st.dictionaries(term_names(kind), texts, min_size=1, max_size=15)


@given(
    kinds.flatmap(lambda kind: st.tuples(st.just(kind), documents(kind), term_names(kind))),
    st.binary(min_size=32, max_size=32),
)
def test_every_name_can_be_shown(drawn: tuple[CommittedKind, dict[str, str], str], seed: bytes) -> None:
    """Each term of any document opens under its commitment; any other name opens as not stated, or has no place."""
    kind, terms, other = drawn
    committed = CommittedTerms(kind, terms, seed)
    for name in {*terms, other}:
        try:
            term = open_term(kind, committed.disclose(name), committed.root)
        except Malformed:
            assert name not in terms
            continue
        assert (term.name, term.value) == (name, terms[name]) if name in terms else term.value is None
        assert term.name in place_of(kind, name).leaves


@given(documents(INVOICE), st.data())
def test_no_alteration_opens(terms: dict[str, str], data: st.DataObject) -> None:
    """A shown term with any byte changed, a hash taken, added or moved, or a leaf exchanged, is refused."""
    committed = CommittedTerms(INVOICE, terms, SEED)
    good = committed.disclose(data.draw(st.sampled_from(sorted(terms))))
    place = data.draw(st.integers(0, len(good.leaves) - 1))
    leaf = good.leaves[place]
    changed = data.draw(
        st.one_of(
            st.builds(
                lambda at, by: replace(leaf, leaf=_flipped(leaf.leaf, at, by)),
                st.integers(0, len(leaf.leaf) - 1),
                st.integers(1, 255),
            ),
            st.builds(
                lambda siblings: replace(leaf, siblings=tuple(siblings)),
                st.lists(st.sampled_from([*leaf.siblings, bytes(32)]), max_size=9),
            ),
            st.sampled_from([each for name in sorted(terms) for each in committed.disclose(name).leaves]),
        )
    )
    leaves = (*good.leaves[:place], changed, *good.leaves[place + 1 :])
    if leaves == good.leaves:
        return
    try:
        term = open_term(INVOICE, DisclosedTerm(leaves=leaves), committed.root)
    except ProofInvalid:
        return
    # Another leaf alone in its place may be a whole term: then it is that of its own name.
    assert term.value == terms.get(term.name)
    assert place_of(INVOICE, term.name).leaves[-1] == term.name


def _flipped(data: bytes, at: int, by: int) -> bytes:
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]


@given(documents(INVOICE), documents(INVOICE))
def test_two_documents_have_two_commitments(first: dict[str, str], second: dict[str, str]) -> None:
    """Under one seed other terms have another root, and equal ones the same."""
    assert (commit_terms(INVOICE, first, SEED) == commit_terms(INVOICE, second, SEED)) is (first == second)


@given(st.dictionaries(term_names(), texts, min_size=2, max_size=8), st.data())
def test_a_name_cannot_be_opened_twice(terms: dict[str, str], data: st.DataObject) -> None:
    """Wherever a maker puts a second leaf of a name into its map: at most one of them opens, that at its own place."""
    single = {name: text for name, text in terms.items() if "/" not in name}
    if len(single) < 2:
        return
    name, elsewhere = data.draw(st.permutations(sorted(single)))[:2]
    leaves = {each: leaf_of(SEED, each, text) for each, text in single.items()}
    lie = HandMadeMap({**leaves, elsewhere: leaf_of(SEED, name, single[name] + "0")})
    assert open_term(INVOICE, DisclosedTerm(leaves=(lie.show(name),)), lie.root).value == single[name]
    second = lie.show(elsewhere)
    for siblings in (second.siblings, lie.show(name).siblings, tuple(reversed(second.siblings))):
        try:
            open_term(INVOICE, DisclosedTerm(leaves=(ShownLeaf(leaf=second.leaf, siblings=siblings),)), lie.root)
        except ProofInvalid:
            continue
        raise AssertionError("a name was opened twice")


@given(
    st.one_of(st.from_regex(r"[+-]?[0-9]{0,12}(\.[0-9]{0,5})?", fullmatch=True), texts),
    st.integers(0, 4),
)
def test_an_amount_is_what_the_reader_reads(text: str, places: int) -> None:
    """The ledger's function and the edge's reader agree on every text that the reader takes; neither rounds."""
    try:
        read = values.minor_of(text, places, "BT-115")
    except DocumentError:
        return
    assert header_of(INVOICE, {"BT-115": text}, places) == {"/payable_minor": read}


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(9998, 12, 31)))
def test_a_day_is_what_the_calendar_says(day: date) -> None:
    """First and last moment of every day since 1970, with no calendar but the ledger's own."""
    header = header_of(CommittedKind.CERTIFICATE, {"valid_from": str(day), "valid_until": str(day)}, 0)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert header == {"/valid_from": _ms(first), "/valid_until": _ms(first + timedelta(days=1))}


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@given(
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001 (the zone is drawn)
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]),
)
def test_a_time_is_what_its_zone_says(local: datetime, ahead: int, precision: str) -> None:
    """From and to the very moment that the document names, wherever it was written; finer than milliseconds is cut."""
    moment = local.replace(tzinfo=timezone(timedelta(minutes=ahead)))
    text = moment.isoformat(timespec=precision)
    read = _ms(datetime.fromisoformat(text))
    header = header_of(CommittedKind.CERTIFICATE, {"valid_from": text, "valid_until": text}, 0)
    assert header == {"/valid_from": read, "/valid_until": read}
    assert values.moment_of(text) == read


@given(st.one_of(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?", fullmatch=True), texts))
def test_a_date_is_what_the_reader_reads(text: str) -> None:
    """What is no day of the calendar is refused by both, and a time zone is dropped by both."""
    try:
        read = values.day_of(text, "BT-2")
    except DocumentError:
        read = None
    try:
        made = header_of(INVOICE, {"BT-2": text}, 2)["/issued"]
    except Malformed:
        made = None
    assert made == read

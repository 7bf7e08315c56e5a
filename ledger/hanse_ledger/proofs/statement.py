"""The statement of a verdict: what a proof establishes, what it does not, as of when, and by whose keys.

These are the sentences that every reader of a verdict gets, whether from the SDK, the command line or a page.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from hanse_ledger.proofs.report import Act, Subject
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words, span_words
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.values.verdict import Verdict


class Begun(Struct, frozen=True):
    """Since when a subject's history is shown: its way mark's time, and how many records came before."""

    time: Moment
    count: int


class Proven(Struct, frozen=True, kw_only=True):
    """What the steps of a check have proven.

    `as_of` is when a quorum last said that this was the state; `begun` is nil for a subject whose history is whole, or
    left out altogether.
    """

    as_of: Moment
    size: int
    vouchers: tuple[MemberId, ...]
    cosigners: int
    subjects: Sequence[Subject]
    begun: Sequence[Begun | None]
    acts: Sequence[Act]
    terms: int
    keys: int
    ended: int


class Age(Struct, frozen=True):
    """How old a proof is at the verifier's present, in milliseconds; below nothing, it lies in the future."""

    milliseconds: int

    @property
    def known(self) -> bool:
        """Whether clocks agree well enough to tell."""
        return self.milliseconds >= -limits.CLOCK_SKEW_MS

    def warnings(self) -> Iterator[str]:
        """Say what a reader should think of it."""
        if not self.known:
            ahead = span_words(-self.milliseconds)
            yield f"this was signed {ahead} after the present: this clock is slow, or those who signed had fast ones"
        elif self.milliseconds > limits.PROOF_AGE_MS:
            yield f"this is {span_words(self.milliseconds)} old, and says nothing of what has happened since"

    def excess(self, most_ms: int) -> str | None:
        """Say why a proof is too old for a reader who takes none that is older, or nothing."""
        if not self.known:
            return "how old this is cannot be told: it was signed after the verifier's present"
        if self.milliseconds > most_ms:
            return f"this is {span_words(self.milliseconds)} old, and nothing older than {span_words(most_ms)} is taken"
        return None


def vouching_words(vouchers: Sequence[MemberId], cosigners: int) -> str:
    """Say who vouches for a head."""
    names = ", ".join(vouchers)
    if cosigners == 1:
        return f"one operator vouches for this: {names}"
    return f"{len(vouchers)} of {cosigners} organisations vouch for this: {names}"


def established(proven: Proven) -> Iterator[str]:
    """Say what is established, a sentence each."""
    moment = moment_words(proven.as_of)
    yield f"as of {moment} this was a state of the ledger, of {proven.size} entries"
    for subject in proven.subjects:
        yield f"as of {moment} the {subject.kind} {subject.id.hex()} was {subject.state}"
    if proven.acts:
        yield f"{len(proven.acts)} records stand in its log, each signed by all whom it names, and obey the rules"
    if proven.keys:
        kept = (
            "none of them had ended" if not proven.ended else f"{proven.ended} had ended, and signed nothing after it"
        )
        yield f"of the {proven.keys} party keys in the file {kept}"
    if proven.terms:
        yield f"{proven.terms} disclosed terms are those to which the records commit, and contradict none of them"


def not_established(proven: Proven) -> Iterator[str]:
    """Say what is not established: what was not in the file, and what cannot be known offline; a sentence each."""
    yield f"what has happened since {moment_words(proven.as_of)}: nobody was asked"
    if proven.cosigners == 1:
        yield "that everybody is shown the same ledger: one operator alone vouches for this one"
    for subject, begun in zip(proven.subjects, proven.begun, strict=True):
        name = f"the {subject.kind} {subject.id.hex()}"
        if begun is not None:
            yield (
                f"what {begun.count} records until {moment_words(begun.time)} say of {name}: but for its own they are "
                "not in the file, and what they added up to is the cosigners' word"
            )
        elif subject.note:
            yield f"how {name} came to this: its records are not in the file, and its state is the cosigners' word"
    if proven.acts:
        yield "who held a key when it signed: that is known of no signature"
    yield "that what documents say is true, and what they say beyond the disclosed terms"


def key_words(proven: Proven) -> tuple[str, ...]:
    """Say by whose keys it is established: the head, then the records."""
    signers = sorted({name for act in proven.acts for name in act.signers})
    head = f"the head is signed by {', '.join(proven.vouchers)}"
    return (head, f"the records are signed by {', '.join(signers)}") if signers else (head,)


_MEANING = {
    Verdict.VALID: "Everything in the file is proven; {as_of}, what it shows was in good standing.",
    Verdict.VALID_WITH_WARNINGS: "The file is sound, {as_of}. Read the warnings before relying on it.",
    Verdict.EXPIRED_OR_SUPERSEDED: "The proof is sound, {as_of}; what it shows is no longer in force.",
    Verdict.REVOKED: "The proof is sound, {as_of}; it shows that nobody should rely on the object.",
    Verdict.TAMPERED: "The file does not prove what it claims. Do not rely on it.",
    Verdict.UNKNOWN_ISSUER: "The trust file does not know who vouches here.",
    Verdict.NOT_FOUND: "The ledger does not have it.",
    Verdict.CANNOT_CHECK: "Nothing is known to be wrong; something that is needed to judge is missing.",
    Verdict.UNSUPPORTED_FORMAT: "This is no file that can be verified here.",
}


def meaning(verdict: Verdict, as_of: Moment | None) -> str:
    """Say what a verdict means; of good standing never without the moment as of which it held."""
    moment = "as of a moment that was not proven" if as_of is None else f"as of {moment_words(as_of)}"
    return _MEANING[verdict].format(as_of=moment)

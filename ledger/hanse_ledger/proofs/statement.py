"""The statement of a verdict: what a proof establishes, what it does not, as of when, and by whose keys.

These are the sentences that every reader of a verdict gets, whether from the SDK, the command line or a page.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.proofs.disclosing import attested, unattested
from hanse_ledger.proofs.report import Act, Attestation, Report, ReportSaid, ShownTerm, Step, Subject
from hanse_ledger.values import limits
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.moments import moment_words, span_said
from hanse_ledger.values.types import LedgerId, MemberId, Moment, ObjectId
from hanse_ledger.values.verdict import Verdict


class Begun(Struct, frozen=True):
    """Since when a subject's history is shown: its way mark's time, and how many records came before."""

    time: Moment
    count: int


class ActsSince(Struct, frozen=True):
    """Since when the acts of a member's office are shown: what it was then is a way mark's word."""

    member: MemberId
    time: Moment


class Unpledged(Struct, frozen=True):
    """An accepted invoice that is pledged to nobody, and what its tags say of other records of it.

    `compared` is whether it bears a tag of an epoch in use, by which they would be found; `twin` the pledge that stands
    on one of its tags, or nil.
    """

    invoice: ObjectId
    compared: bool
    twin: ObjectId | None


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
    offices: Sequence[ActsSince]
    unpledged: Sequence[Unpledged]
    acts: Sequence[Act]
    terms: int
    attestations: Sequence[Attestation]
    keys: int
    ended: int
    mandates: int
    ended_mandates: int


class Age(Struct, frozen=True):
    """How old a proof is at the verifier's present, in milliseconds; below nothing, it lies in the future."""

    milliseconds: int

    @property
    def known(self) -> bool:
        """Whether clocks agree well enough to tell."""
        return self.milliseconds >= -limits.CLOCK_SKEW_MS

    def warnings(self) -> Iterator[Said]:
        """Say what a reader should think of it."""
        if not self.known:
            yield said(
                "age.ahead",
                "this was signed {span} after the present: this clock is slow, or those who signed had fast ones",
                span_said(-self.milliseconds),
            )
        elif self.milliseconds > limits.PROOF_AGE_MS:
            yield said(
                "age.old",
                "this is {span} old, and says nothing of what has happened since",
                span_said(self.milliseconds),
            )

    def excess(self, most_ms: int) -> Said | None:
        """Say why a proof is too old for a reader who takes none that is older, or nothing."""
        if not self.known:
            return said("age.unknown", "how old this is cannot be told: it was signed after the verifier's present")
        if self.milliseconds > most_ms:
            return said(
                "age.too-old",
                "this is {span} old, and nothing older than {most} is taken",
                span_said(self.milliseconds),
                span_said(most_ms),
            )
        return None


def vouching(vouchers: Sequence[MemberId], cosigners: int) -> Said:
    """Say who vouches for a head."""
    if cosigners == 1:
        return said("vouch.one", "one operator vouches for this: {names}", vouchers)
    return said(
        "vouch.several",
        "{count} of {cosigners} organisations vouch for this: {names}",
        len(vouchers),
        cosigners,
        vouchers,
    )


def established(proven: Proven) -> Iterator[Said]:
    """Say what is established, a sentence each."""
    moment = moment_words(proven.as_of)
    yield said("proven.state", "as of {moment} this was a state of the ledger, of {size} entries", moment, proven.size)
    for subject in proven.subjects:
        yield said(
            "proven.subject",
            "as of {moment} the {kind} {object} was {state}",
            moment,
            subject.said.kind,
            subject.id.hex(),
            subject.said.told,
        )
    for each in proven.unpledged:
        if each.compared and each.twin is None:
            yield said(
                "proven.unpledged",
                "as of {moment} no pledge stood on the invoice {object}, nor on any of its tags: the same invoice was "
                "pledged under no other record",
                moment,
                each.invoice.hex(),
            )
    if proven.acts:
        yield said(
            "proven.records",
            "{count} records stand in its log, each signed by all whom it names, and obey the rules",
            len(proven.acts),
        )
    if proven.keys and not proven.ended:
        yield said("proven.keys", "of the {keys} party keys in the file none of them had ended", proven.keys)
    elif proven.keys:
        yield said(
            "proven.keys-ended",
            "of the {keys} party keys in the file {ended} had ended, and signed nothing after it",
            proven.keys,
            proven.ended,
        )
    if proven.mandates and not proven.ended_mandates:
        yield said("proven.mandates", "of the {mandates} mandates in the file none had been revoked", proven.mandates)
    elif proven.mandates:
        yield said(
            "proven.mandates-ended",
            "of the {mandates} mandates in the file {ended} had been revoked, and nothing was signed under them after "
            "it",
            proven.mandates,
            proven.ended_mandates,
        )
    if proven.terms:
        yield said(
            "proven.terms",
            "{count} disclosed terms are those to which the records commit, and contradict none of them",
            proven.terms,
        )
    yield from attested(proven.attestations, proven.acts)


def not_established(proven: Proven) -> Iterator[Said]:
    """Say what is not established: what was not in the file, and what cannot be known offline; a sentence each."""
    yield said("unproven.since", "what has happened since {moment}: nobody was asked", moment_words(proven.as_of))
    if proven.cosigners == 1:
        yield said(
            "unproven.one-ledger",
            "that everybody is shown the same ledger: one operator alone vouches for this one",
        )
    for subject, begun in zip(proven.subjects, proven.begun, strict=True):
        kind, name = subject.said.kind, subject.id.hex()
        if begun is not None:
            yield said(
                "unproven.before-mark",
                "what {count} records until {moment} say of the {kind} {object}: but for its own they are not in the "
                "file, and what they added up to is the cosigners' word",
                begun.count,
                moment_words(begun.time),
                kind,
                name,
            )
        elif subject.note:
            yield said(
                "unproven.history",
                "how the {kind} {object} came to this: its records are not in the file, and its state is the "
                "cosigners' word",
                kind,
                name,
            )
    for each in proven.unpledged:
        if not each.compared and each.twin is None:
            yield said(
                "unproven.twin",
                "that the same invoice is pledged under no other record: the invoice {object} bears no tag of an epoch "
                "in use, by which another would be found",
                each.invoice.hex(),
            )
    yield from unattested(proven.attestations)
    for office in proven.offices:
        yield said(
            "unproven.office",
            "how {member} had come to the officers and settings that it had on {moment}: that is the cosigners' word",
            office.member,
            moment_words(office.time),
        )
    if proven.acts:
        yield said("unproven.who", "who held a key when it signed: that is known of no signature")
    yield said("unproven.documents", "that what documents say is true, and what they say beyond the disclosed terms")


def key_sentences(proven: Proven) -> tuple[Said, ...]:
    """Say by whose keys it is established: the head, then the records."""
    head = said("keys.head", "the head is signed by {names}", proven.vouchers)
    # The same signer stands under many records: by its name, each once.
    signers = {str(signer): signer for act in proven.acts for signer in act.said}
    if not signers:
        return (head,)
    return (
        head,
        said("keys.records", "the records are signed by {names}", [signers[name] for name in sorted(signers)]),
    )


def meaning(verdict: Verdict, as_of: Moment | None) -> Said:  # noqa: PLR0911 (one return a verdict)
    """Say what a verdict means; of good standing never without the moment as of which it held."""
    if as_of is None:
        moment = said("verdict.no-moment", "as of a moment that was not proven")
    else:
        moment = said("verdict.moment", "as of {moment}", moment_words(as_of))
    match verdict:
        case Verdict.VALID:
            return said(
                "meaning.valid",
                "Everything in the file is proven; {moment}, what it shows was in good standing.",
                moment,
            )
        case Verdict.VALID_WITH_WARNINGS:
            return said(
                "meaning.valid-with-warnings",
                "The file is sound, {moment}. Read the warnings before relying on it.",
                moment,
            )
        case Verdict.EXPIRED_OR_SUPERSEDED:
            return said(
                "meaning.expired-or-superseded",
                "The proof is sound, {moment}; what it shows is no longer in force.",
                moment,
            )
        case Verdict.REVOKED:
            return said(
                "meaning.revoked",
                "The proof is sound, {moment}; it shows that nobody should rely on the object.",
                moment,
            )
        case Verdict.TAMPERED:
            return said("meaning.tampered", "The file does not prove what it claims. Do not rely on it.")
        case Verdict.UNKNOWN_ISSUER:
            return said("meaning.unknown-issuer", "The trust file does not know who vouches here.")
        case Verdict.NOT_FOUND:
            return said("meaning.not-found", "The ledger does not have it.")
        case Verdict.CANNOT_CHECK:
            return said(
                "meaning.cannot-check",
                "Nothing is known to be wrong; something that is needed to judge is missing.",
            )
        case Verdict.UNSUPPORTED_FORMAT:
            return said("meaning.unsupported-format", "This is no file that can be verified here.")


def ended(verdict: Verdict, detail: Said, steps: Sequence[Step], reason: str = "") -> Report:
    """Report a check that ended before everything was proven, or just then: a verdict and its steps."""
    words = ReportSaid(detail=detail, meaning=meaning(verdict, None))
    return Report(verdict=verdict, detail=detail.words, steps=tuple(steps), reason=reason, said=words)


def stated(
    report: Report,
    proven: Proven,
    *,
    ledger: LedgerId,
    at: Moment,
    terms: tuple[ShownTerm, ...],
    warnings: tuple[Said, ...],
) -> Report:
    """Add to the verdict of a whole check what is established, and by whom.

    Args:
        report: the verdict and its steps.
        proven: what the steps have proven.
        ledger: whose proof it is.
        at: the verifier's present, in milliseconds.
        terms: that are disclosed.
        warnings: of what a reader should know.
    """
    words = ReportSaid(
        detail=report.said.detail,
        meaning=meaning(report.verdict, proven.as_of),
        established=tuple(established(proven)),
        not_established=tuple(not_established(proven)),
        keys=key_sentences(proven),
        vouchers=vouching(proven.vouchers, proven.cosigners),
        warnings=warnings,
    )
    return replace(
        report,
        ledger=ledger,
        size=proven.size,
        as_of=proven.as_of,
        age_ms=at - proven.as_of,
        established=_english(words.established),
        not_established=_english(words.not_established),
        keys=_english(words.keys),
        vouchers="" if words.vouchers is None else words.vouchers.words,
        subjects=tuple(proven.subjects),
        acts=tuple(proven.acts),
        terms=terms,
        warnings=_english(warnings),
        said=words,
    )


def as_hosted(report: Report, host: str) -> Report:
    """Give a report as a page says it whose own host has put the proof into it: it could have put in anything.

    Never better than *valid with warnings*.

    Args:
        report: the result of checking what the host has shown, against a trust file that it has shown too.
        host: its name, as the reader's address line has it.
    """
    warning = said(
        "warning.host",
        "{host} shows this, whom to trust and the page itself, and could show anything; a page that you saved "
        "yourself needs no host",
        host,
    )
    words = replace(report.said, warnings=(warning, *report.said.warnings))
    hosted = replace(report, warnings=(warning.words, *report.warnings), said=words)
    if report.verdict is not Verdict.VALID:
        return hosted
    limited = replace(words, detail=warning, meaning=meaning(Verdict.VALID_WITH_WARNINGS, report.as_of))
    return replace(hosted, verdict=Verdict.VALID_WITH_WARNINGS, detail=warning.words, said=limited)


def _english(sentences: Sequence[Said]) -> tuple[str, ...]:
    return tuple(sentence.words for sentence in sentences)

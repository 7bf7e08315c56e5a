"""A refusal to show: a record, and the statement of a member's node, signed, that the rules refuse it.

A refused record leaves nothing in the ledger: that it was refused is the word of the node that said so. Signed, that
word can be shown to others, and held against the node. The file needs the trust file and nothing else; its form is
canonical JSON (docs/formats/refusal.md).
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.kinds.reasons import REASON_NAMED, refused_kind, rule_of
from hanse_ledger.proofs.report import Report, ReportSaid, Step, step_of
from hanse_ledger.proofs.statement import ended, meaning
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.envelope import Signed, open_envelope, pre_authentication, verify_envelope
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.errors import Malformed, NotJudged, ProofInvalid, Rejected, Untrusted
from hanse_ledger.values.jsonform import begins_as, decode_json, encode_json
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.messages import Said, said, unsaid
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.patterns import one_line
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment, RecordId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.part import Body

FORMAT = "hanse.refusal/1"
MARK = b'{"@type":"hanse.refusal/'
"""How such a file begins: the fields of canonical JSON are in order."""

MEDIA_TYPE = "application/vnd.hanse.refusal+json"
STATEMENT_BYTES = 32 * 1024
FILE_BYTES = 2 * limits.ENVELOPE_BYTES + STATEMENT_BYTES
MOST_TEXT = 1_024
"""So many letters of what was seen, and of what was wanted, are signed at most."""

_Text = Annotated[str, Meta(max_length=MOST_TEXT)]
_Code = Annotated[str, Meta(pattern=patterns.REFUSED)]
_Rule = Annotated[str, Meta(pattern=patterns.RULE)]


class RefusalStatement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a node signs of a record that the rules refused.

    Attributes:
        code: the reason, such as `invoice-pledged`.
        height: the block that refused it.
        ledger: the ledger's id.
        member: whose node says so.
        pointer: where in the record the reason lies.
        record: the record's id.
        root: the root of the log under the newest head that the node had signed by then.
        rule: the number of the rule.
        seen: what the rule found there.
        size: how many entries that head covers.
        time: the time of that block.
        wanted: what the rule wants there.
    """

    code: _Code
    height: Annotated[int, Meta(ge=0, le=limits.LOG_SIZE)]
    ledger: LedgerId
    member: MemberId
    pointer: _Text
    record: RecordId
    root: Digest
    rule: _Rule
    seen: _Text
    size: Annotated[int, Meta(ge=1, le=limits.LOG_SIZE)]
    time: Moment
    wanted: _Text


class SignedRefusal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement, and the signature by the cosigning key of the member's node over `statement_message`."""

    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]
    statement: RefusalStatement


class RefusalFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refusal to show.

    Attributes:
        format: `hanse.refusal/1`.
        envelope: the record with its signatures, as it was sent: canonical MessagePack.
        signature: the node's, Ed25519, by its cosigning key.
        statement: what it has signed.
    """

    format: str = msgspec.field(name="@type", default=FORMAT)
    envelope: Annotated[bytes, Meta(min_length=1, max_length=limits.ENVELOPE_BYTES)]
    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]
    statement: RefusalStatement


_file_decoder = msgspec.json.Decoder(RefusalFile)
_signed_decoder = msgspec.json.Decoder(SignedRefusal)


def statement_message(statement: RefusalStatement) -> bytes:
    """Build the bytes that the node signs: DSSE's pre-authentication encoding of the statement's canonical JSON."""
    return pre_authentication(encode_json(statement), MEDIA_TYPE)


def read_signed(data: bytes) -> SignedRefusal:
    """Read what a node gives beside its refusal. Raises Malformed."""
    return decode_json(data, _signed_decoder, what="signed refusal", most=STATEMENT_BYTES)


def refusal_file(envelope: bytes, signed: SignedRefusal) -> bytes:
    """Write the file to show, of the envelope that was sent and the node's statement."""
    return encode_json(RefusalFile(envelope=envelope, signature=signed.signature, statement=signed.statement))


def read_refusal(data: bytes) -> RefusalFile:
    """Read the file. Raises Malformed."""
    return decode_json(data, _file_decoder, what=said("file.refusal", "refusal"), most=FILE_BYTES, form=FORMAT)


def is_refusal(data: bytes) -> bool:
    """Tell whether a file begins as a refusal does."""
    return begins_as(data, MARK)


def refused_record(file: RefusalFile) -> Signed:
    """Open the record of a refusal.

    Raises:
        Malformed: there is none in it.
        ProofInvalid: it is not the one that the statement names, or a signature on it is not its signer's.
    """
    opened = open_envelope(file.envelope)
    if opened.id != file.statement.record:
        raise ProofInvalid(said("refused.other-record", "the statement is about another record"))
    try:
        verify_envelope(opened)
    except Rejected as error:
        raise ProofInvalid(error.said) from error
    if opened.record.ledger != file.statement.ledger:
        raise ProofInvalid(said("refused.other-ledger", "the record was made for another ledger"))
    return opened


def verify_statement(signed: SignedRefusal | RefusalFile, body: Body, trust: TrustFile) -> None:
    """Verify that a member's node has signed a statement about a record with a body.

    Raises:
        Untrusted: it is of another ledger, or of nobody who cosigned it then as far as the trust file knows.
        ProofInvalid: the signature is not that node's, or its rule does not give its reason.
    """
    statement = signed.statement
    if statement.ledger != trust.ledger:
        raise Untrusted(said("refused.of-ledger", "it is of the ledger {ledger}", statement.ledger.hex()))
    cosigner = trust.at(statement.size).cosigner(statement.member)
    if cosigner is None:
        raise Untrusted(said("refused.stranger", "{member} is no cosigner that the trust file knows", statement.member))
    verify_signature(cosigner.ready_key, statement_message(statement), signed.signature)
    reason = REASON_NAMED.get(statement.code)
    kind = refused_kind(body, statement.pointer)
    if reason is not None and rule_of(kind, reason, statement.pointer) != statement.rule:
        raise ProofInvalid(said("refused.other-rule", "rule {rule} does not give the reason {code}", *_rule(statement)))


def check_refusal(data: bytes, trust: TrustFile) -> Report:
    """Check a refusal; never better than *valid with warnings*, since it is one node's word.

    Whatever is wrong with it is a verdict, never an exception.
    """
    title = said("step.refusal-form", "the file is a refusal, byte for byte canonical")
    steps, reason = list[Step](), ""
    try:
        file = read_refusal(data)
        steps.append(step_of(1, title, passed=True, detail=said("seen.bytes", "{bytes} bytes", len(data))))
        title = said("step.refusal-record", "the record in it is the refused one, signed by all whom it names")
        opened = refused_record(file)
        steps.append(step_of(2, title, passed=True, detail=unsaid(opened.id.hex())))
        title = said("step.refusal-signature", "a member's node has signed that the rules refused it")
        verify_statement(file, opened.record.body, trust)
    except Untrusted as error:
        verdict, detail = Verdict.UNKNOWN_ISSUER, error.said
    except NotJudged as error:
        verdict, detail, reason = Verdict.UNSUPPORTED_FORMAT, error.said, error.code
    except (Malformed, ProofInvalid) as error:
        verdict, detail = Verdict.TAMPERED, error.said
    else:
        steps.append(step_of(3, title, passed=True, detail=unsaid(file.statement.member)))
        return _report(file.statement, opened, tuple(steps))
    steps.append(step_of(len(steps) + 1, title, passed=False, detail=detail))
    return ended(verdict, detail, steps, reason)


def _report(statement: RefusalStatement, opened: Signed, steps: tuple[Step, ...]) -> Report:
    """Say what a sound refusal establishes, and what it does not."""
    kind, member = opened.record.kind, statement.member
    warning = said(
        "refused.one-word",
        "this is the word of the node of {member} alone: the ledger keeps no refused records, and nothing in the file "
        "shows that the rules refuse this one",
        member,
    )
    words = ReportSaid(
        detail=said(
            "refused.detail",
            "the node of {member} refused the record ({kind}) by rule {rule}: {reason}",
            member,
            Said(f"kind.{kind}", (), kind),
            statement.rule,
            _reason(statement),
        ),
        meaning=meaning(Verdict.VALID_WITH_WARNINGS, None),
        established=tuple(_established(statement, opened)),
        not_established=tuple(_not_established(statement, opened)),
        keys=(
            said("refused.node-key", "the statement is signed by the node of {member}", member),
            said(
                "refused.record-keys",
                "the record is signed by the keys {keys}",
                [key.hex() for key in opened.record.signers],
            ),
        ),
        vouchers=said("refused.vouchers", "the signature of the node of {member}", member),
        warnings=(warning,),
    )
    return Report(
        verdict=Verdict.VALID_WITH_WARNINGS,
        detail=words.detail.words,
        steps=steps,
        ledger=statement.ledger,
        size=statement.size,
        established=tuple(each.words for each in words.established),
        not_established=tuple(each.words for each in words.not_established),
        keys=tuple(each.words for each in words.keys),
        vouchers="" if words.vouchers is None else words.vouchers.words,
        warnings=(warning.words,),
        said=words,
    )


def _established(statement: RefusalStatement, opened: Signed) -> Iterator[Said]:
    yield said(
        "refused.record",
        "the record {record} ({kind}) was made by the keys that have signed it",
        opened.id.hex(),
        Said(f"kind.{opened.record.kind}", (), opened.record.kind),
    )
    yield said(
        "refused.said",
        "the node of {member} said that the block {height} of {time} refused it, when its newest head covered {size} "
        "entries, of root {root}",
        statement.member,
        statement.height,
        moment_words(statement.time),
        statement.size,
        statement.root.hex(),
    )
    yield said(
        "refused.why",
        "it gave rule {rule} and the reason {code}{pointer}; seen: {seen}; wanted: {wanted}",
        *_rule(statement),
        f" ({one_line(statement.pointer)})" if statement.pointer else "",
        one_line(statement.seen) or "-",
        one_line(statement.wanted) or "-",
    )


def _not_established(statement: RefusalStatement, opened: Signed) -> Iterator[Said]:
    yield said(
        "refused.not-true",
        "that what the node said is so: a proof of what the record names, under a head that a quorum has signed, shows "
        "how that stands",
    )
    yield said(
        "refused.not-elsewhere",
        "that the record stands nowhere: until {moment} it could be sent again, to any node",
        moment_words(opened.record.expires),
    )
    yield said("unproven.who", "who held a key when it signed: that is known of no signature")


def _rule(statement: RefusalStatement) -> tuple[str, str]:
    return statement.rule, statement.code


def _reason(statement: RefusalStatement) -> Said | str:
    known = REASON_NAMED.get(statement.code)
    return statement.code if known is None else known.said()

"""Every page, or block of a page, that is made from the code, and where each value that travels has its table."""

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from hanse_client.home.drafts import DraftFile, DraftSignature
from hanse_client.sealing.content import IdentityOpening, PayloadContent, PayloadExcerpt, PayloadOpening, ReaderOpening
from hanse_documents.syntax.sheets.columns import COLUMNS
from hanse_ledger.kinds import KINDS, OBJECTS
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.member.proposals import Proposal, ProposalLeaf
from hanse_ledger.kinds.reasons import ALL
from hanse_ledger.misbehaviour import refusalfile
from hanse_ledger.misbehaviour.contradiction import Contradiction
from hanse_ledger.misbehaviour.double_vote import DoubleVote, Vote, VotedBlock
from hanse_ledger.misbehaviour.misstatement import Misstatement
from hanse_ledger.misbehaviour.partial_state import KnownClaim, KnownObject
from hanse_ledger.proofs import prooffile, statuscode, trustfile
from hanse_ledger.proofs.voting import ProposalsFile
from hanse_ledger.records.entry import RecordEntry, StateEntry, StateRoots
from hanse_ledger.records.envelope import Envelope, Signature
from hanse_ledger.records.record import Record
from hanse_ledger.wire.commitments import DisclosedTerm, ShownLeaf, TermLeaf
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Change, Cosigner, Member, MemberKey, Membership, Parameters
from hanse_ledger.wire.tagkeys import SealedTagKey, TagKey
from hanse_node.operate.joinforms import MemberPart, Network, NodePart
from tests.conftest import ROOT
from tests.pages import bodies, state, told, values
from tests.pages.fields import JSON, Form, table, words_of
from tests.pages.marks import filled
from tests.pages.readers import readers
from tests.pages.specimens import places

FORMATS = ROOT / "docs" / "formats"

Blocks = dict[str, tuple[type[Struct], ...]]
"""The blocks of a page by name: the first value's table stands below a heading of the page, others below their own."""

PACKED: dict[str, Blocks] = {
    "record.md": {"record": (Record,), "envelope": (Envelope, Signature)},
    "log.md": {"record-entry": (RecordEntry,), "state-entry": (StateEntry, StateRoots)},
    "membership.md": {
        "genesis": (Genesis,),
        "membership": (Membership, Cosigner, Member, MemberKey, Parameters, TagKey, SealedTagKey),
        "change": (Change,),
        "proposal": (Proposal, ProposalLeaf),
    },
    "payload.md": {
        "payload": (PayloadContent, PayloadOpening, ReaderOpening, IdentityOpening),
        "excerpt": (PayloadExcerpt,),
    },
    "status.md": {"code": (statuscode.StatusCode, statuscode.CodeSignature, statuscode.CodeAspect)},
    "terms.md": {"leaf": (TermLeaf,), "shown": (DisclosedTerm, ShownLeaf)},
}
"""What travels as MessagePack."""

FILES: dict[str, Blocks] = {
    "draft.md": {"file": (DraftFile, DraftSignature)},
    "membership.md": {"proposals": (ProposalsFile,)},
    "proof.md": {
        "trust": (trustfile.TrustForm,),
        "proof": (
            prooffile.ProofFile,
            prooffile.EntryPart,
            prooffile.ObjectPart,
            prooffile.ShownAspect,
            prooffile.WayMark,
            prooffile.OfficePart,
            prooffile.OfficeEnd,
            prooffile.RevocationPart,
            prooffile.MandatePart,
            prooffile.PledgePart,
            prooffile.TermPart,
        ),
    },
    "contradiction.md": {"file": (Contradiction,)},
    "double-vote.md": {"file": (DoubleVote, Vote, VotedBlock)},
    "misstatement.md": {"file": (Misstatement, KnownClaim, KnownObject)},
    "refusal.md": {"file": (refusalfile.RefusalFile, refusalfile.RefusalStatement)},
    "network.md": {"member": (MemberPart, NodePart), "network": (Network,)},
}
"""What travels as canonical JSON."""


def _homes() -> dict[type[Struct], str]:
    """Say on which page each value has its table, below a heading of its name."""
    found: dict[type[Struct], str] = {History: "state.md"}
    for pages in (PACKED, FILES):
        for page, blocks in pages.items():
            found |= {kind: page for kinds in blocks.values() for kind in kinds if kind.__name__ != "_File"}
    found |= dict.fromkeys(bodies.parts(found.keys()), "bodies.md")
    for each in OBJECTS:
        found |= dict.fromkeys(state.parts(each, found.keys()), "state.md")
    return found


HOMES = _homes()


def form_of(page: str, names: dict[str, str] | None = None) -> Form:
    """Say how a page writes: with links to other pages, and below headings of its own."""
    return Form(names or {}, {kind: "" if home == page else home for kind, home in HOMES.items()})


def _tables(kinds: tuple[type[Struct], ...], form: Form) -> str:
    """Write the tables of a block."""
    first, *others = kinds
    lines = list(table(first, form))
    for kind in others:
        lines += [f"\n### {kind.__name__}\n", f"{form.said(words_of(kind))}\n", *table(kind, form)]
    return "\n".join(lines)


def _blocks(page: str) -> dict[str, Callable[[], str]]:
    """Say how each block of a page is made."""
    made: dict[str, Callable[[], str]] = {}
    for pages, form in ((PACKED, form_of(page)), (FILES, form_of(page, JSON))):
        for name, kinds in pages.get(page, {}).items():
            made[name] = lambda kinds=kinds, form=form: _tables(kinds, form)  # type: ignore[misc] # bound in the loop
    return made


def committed() -> str:
    """Write which records commit to terms, and where."""
    lines = ["| Record | Field | Catalogue |", "| --- | --- | --- |"]
    for kind in KINDS:
        if kind.commits is not None:
            (field,) = places(kind.body, kind.commits.terms)
            lines.append(f"| `{kind.name}` | `{field}` | {kind.commits.kind.value} |")
    return "\n".join(lines)


def refusals() -> str:
    """Write every refusal in words."""
    rows = [f"| `{reason.value}` | {reason.message} | {reason.action} |" for reason in ALL]
    return "\n".join(["| Reason | What is wrong | What to do |", "| --- | --- | --- |", *rows])


def columns() -> str:
    """Write the columns of a sheet of invoices."""
    lines = ["| Column | Term | Of the | Form | What stands in it |", "| --- | --- | --- | --- | --- |"]
    for each in COLUMNS:
        of, needed = "line" if each.of_line else "invoice", "; needed" if each.needed else ""
        lines.append(
            f"| {each.name} | {each.term} | {of} | {each.cells.value}{needed} | {each.words} (`{each.example}`) |"
        )
    return "\n".join(lines)


def pages() -> Iterator[tuple[Path, Callable[[], str]]]:
    """Walk over the pages that have what is made here: the file, and how its text is made."""
    own = [kind for kind, home in HOMES.items() if home == "bodies.md"]
    elsewhere = {kind for kind, home in HOMES.items() if home != "state.md"}
    yield FORMATS / "bodies.md", lambda: bodies.write_page(form_of("bodies.md"), own)
    yield FORMATS / "types.md", lambda: values.write_page(form_of("types.md"))
    more: dict[str, dict[str, Callable[[], str]]] = {
        "state.md": {
            "aspects": lambda: state.aspects(form_of("state.md"), elsewhere),
            "claims": state.claims,
        },
        "sheets.md": {"columns": columns},
        "terms.md": {"committed": committed},
    }
    for page in sorted({*PACKED, *FILES, *more}):
        blocks = {**_blocks(page), **more.get(page, {})}
        yield FORMATS / page, lambda page=page, blocks=blocks: filled(FORMATS / page, blocks)  # type: ignore[misc] # bound
    yield ROOT / "docs" / "rules.md", lambda: filled(ROOT / "docs" / "rules.md", {"refusals": refusals})
    yield (
        ROOT / "docs" / "privacy.md",
        lambda: filled(ROOT / "docs" / "privacy.md", {"clear": told.clear, "readers": readers}),
    )

"""The published rules of a document: chosen by what it says that it follows, run apart, and told beside our own."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from hanse_documents.model.errors import Fault, FaultWeight
from hanse_documents.model.reports import NOT_RUN, RuleSet
from hanse_documents.pipeline.opened import OpenedFile
from hanse_documents.rules.ruleengine import EngineUnavailable, RuleEngine
from hanse_documents.rules.rulesets import PACKAGE, Chosen, rules_at, rules_of
from hanse_documents.semantics.en16931 import NEEDED


class Ruled(Struct, frozen=True, kw_only=True):
    """What the rules say. `complete` is false where one of the sets did not run to its end: `findings` say why."""

    complete: bool
    rule_sets: tuple[RuleSet, ...] = ()
    findings: tuple[Fault, ...] = ()


def chosen_for(opened: OpenedFile, kind: str, specification: str, further: Sequence[Path]) -> tuple[Chosen, ...]:
    """Choose the rule sets, the official one first. Raises OSError where a further one cannot be read."""
    official = rules_of(kind, specification, is_hybrid=bool(opened.inside))
    return (*(() if official is None else (official,)), *map(rules_at, further))


def ruled(opened: OpenedFile, rule_sets: Sequence[Chosen], further: int, engine: RuleEngine) -> Ruled:
    """Run a document through its rule sets.

    Args:
        opened: the document, of a valid structure.
        rule_sets: those that were chosen.
        further: how many of them somebody named; the official one is missing where there are no more.
        engine: what runs them.
    """
    from hanse_documents.rules.judging import judged  # noqa: PLC0415 (lxml is an extra: not all install it)

    assert opened.root is not None, "published rules judge XML"
    found: list[Fault] = []
    run: list[RuleSet] = []
    if len(rule_sets) == further:
        found.append(not_run(f"the package {PACKAGE} is not installed: install hanse with its extra `documents`"))
    for each in rule_sets:
        try:
            found += judged(opened.root, each, engine)
        except EngineUnavailable as error:
            found.append(not_run(f"{each.rule_set.id} did not run: {error}"))
            continue
        run.append(each.rule_set)
        if each.note:
            found.append(Fault(field="BT-24", seen="", wanted=each.note, id="profile", weight=FaultWeight.NOTE))
    return Ruled(complete=len(run) == len(rule_sets) > further, rule_sets=tuple(run), findings=tuple(found))


def joined(own: Sequence[Fault], official: Ruled, *, was_read: bool) -> tuple[Fault, ...]:
    """Put findings together: where the official rules have run they count, and not our own reading of them."""
    if not official.complete:
        return (*own, *official.findings)
    said = {each.id for each in official.findings}
    needed = frozenset() if was_read else NEEDED - said
    kept = [each for each in own if not each.id.startswith("BR-") or each.id in needed]
    return (*official.findings, *kept)


def not_run(why: str) -> Fault:
    """Say that rules did not run, and why."""
    return Fault(field="/", seen="", wanted=why, id=NOT_RUN, weight=FaultWeight.WARNING)

"""A node's refusal in the language that was chosen: by its code, since its words are the node's, in English."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hanse_ledger.values.messages import Said, in_language, said

if TYPE_CHECKING:
    from hanse_client.base.views import Refusal


def refused_words(refusal: "Refusal", catalogue: Mapping[str, str]) -> tuple[str, str]:
    """Say what is wrong and what to do about it.

    A code that the catalogue does not have is one of another release: the node's own words stand then.
    """
    code = f"reason.{refusal.code}"
    reason = catalogue.get(code, refusal.user_message or refusal.detail or refusal.code)
    action = catalogue.get(f"{code}.action", refusal.suggested_action)
    message = in_language(said("refusal.reason", "{reason} ({details})", reason, list(_details(refusal))), catalogue)
    source = _source(refusal)
    return (message if source is None else f"{message} {in_language(source, catalogue)}"), action


def _details(refusal: "Refusal") -> list[Said | str]:
    """Say where it lies. What was seen and wanted are the rules' own words, in English."""
    found: list[Said | str] = [refusal.code]
    if refusal.rule:
        found.append(said("refusal.rule", "rule {rule}", refusal.rule))
    if refusal.pointer:
        found.append(said("refusal.at", "at {pointer}", refusal.pointer))
    if refusal.seen:
        found.append(said("refusal.seen", "seen: {seen}", refusal.seen))
    if refusal.wanted:
        found.append(said("refusal.wanted", "wanted: {wanted}", refusal.wanted))
    return found


def _source(refusal: "Refusal") -> Said | None:
    """Say whose word it is; nothing where that does not matter."""
    if not refusal.said_by:
        return None
    if not refusal.others:
        return said("refusal.one-node", "So says {node}; nobody else was asked.", refusal.said_by)
    return said(
        "refusal.several-nodes",
        "So says {node}; it is not on {others} either.",
        refusal.said_by,
        refusal.others,
    )

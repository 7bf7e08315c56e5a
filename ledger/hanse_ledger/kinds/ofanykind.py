"""Asking the rule of a body's kind, and then what records of any kind may do besides."""

from typing import Any

from hanse_ledger.kinds.common import Context, Signers
from hanse_ledger.kinds.consignment.putting import put_in
from hanse_ledger.kinds.document.enclosing import with_document
from hanse_ledger.kinds.kind import Kind
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.wire.part import Body


def judge_body(state: StateView, kind: Kind[Any], body: Body, signers: Signers, context: Context) -> Delta:
    """Ask the rule of a body's kind; then put what it creates into a consignment, and create its payload's document."""
    delta = kind.rule(state, body, signers, context)
    return with_document(state, kind, body, context, put_in(state, body, context, delta))

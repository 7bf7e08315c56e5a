"""What every reachable state satisfies of bundles: nothing more than of their steps."""

from hanse_ledger.kinds.reached import Invariants, no_breaches, no_claims, nothing_ended

INVARIANTS = Invariants(no_breaches, no_claims, nothing_ended)

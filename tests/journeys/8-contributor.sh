# The contributor: the checks of one file, in the clone.
cd "$JOURNEY_CLONE"
expect 0 python3 -m ruff check ledger
expect 0 python3 -m pytest -q -p no:cacheprovider tests/unit/ledger/kinds/test_rules_invoices.py tests/unit/ledger/records/test_vectors.py

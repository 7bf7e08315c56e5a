"""The shell of a server: folder, store, engine and cosigning around the pure ledger."""

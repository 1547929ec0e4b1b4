"""The tests, a package so that rings share helpers: postgres.py, ledger_samples.py, ledger_writer.py."""

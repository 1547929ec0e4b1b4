"""The smoke suite of the contracts under eth-ape: `ape test` from contracts/, in an environment of its own.

eth-ape's accounts and chain come from its own plugin; nothing here runs under the main suite's pytest.
"""

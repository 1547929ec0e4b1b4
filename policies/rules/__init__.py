"""Rules over facts: which clauses fire, which exceptions overrule them, and where two exceptions collide.

Two engines match the same rules (durable-rules and a plain interpreter) and must agree on every case.
"""

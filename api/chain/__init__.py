"""How the chain is getting on, as operators and auditors see it: what waits, what holds it up."""

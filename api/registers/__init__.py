"""Registers as pages and as JSON: what each viewer may read, and forms made from the declarations."""

"""Regulation packs: dated, cited rules of law that an agreement document can be checked against.

A pack is one YAML file of this folder. `pack` is its shape, `scope` what its conditions may read, `shipped`
reads the files, `findings` applies them, `notice` says how long a change of terms must be announced, `page`
writes the reference page. A pack is never legal advice, and says so wherever it speaks.
"""

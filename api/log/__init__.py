"""The log as one viewer may see it, and the proof that an entry is in it."""

"""Order files sent in over HTTP."""

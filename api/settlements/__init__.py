"""Settlement runs asked for over HTTP."""

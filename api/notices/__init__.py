"""Notices as pages and as JSON, for those they are for."""

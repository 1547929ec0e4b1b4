"""Witnesses over HTTP: whose keys countersign the log, and their countersignatures."""

"""Batches of imported orders, and taking a wrong one back."""

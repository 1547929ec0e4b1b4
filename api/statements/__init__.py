"""Statements that open to the order line, and the line to clause, version, facts and arithmetic."""

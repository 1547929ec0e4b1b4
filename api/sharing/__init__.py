"""Data of orders over the API: asked for under a grant, answered on record, and who received what."""

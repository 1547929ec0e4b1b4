"""Figures of quality and service over the API and on their page."""

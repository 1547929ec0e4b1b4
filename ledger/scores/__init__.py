"""Scores of a period: weighted parts of what registers and sales tell, the tier they reach, their record."""

"""Counterfactuals: the nearest change of each fact of a case under which it would be decided otherwise."""

"""Evaluations of versions: the measures before and after, disputes, rights and duties; with charts."""

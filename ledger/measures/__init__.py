"""Measures: figures over items of registers, declared as data; reports and scores are made of them."""

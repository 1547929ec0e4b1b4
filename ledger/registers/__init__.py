"""Registers (台账): matters with fields, states, events and clocks, declared as data and kept as entries."""

"""Refusals of registers.

LedgerError
├─ RegisterUnknown            no register of that name is declared
├─ RegisterUnusable           a declaration that does not fit its shape
├─ ItemUnknown                nothing was told of such an item
├─ ItemTaken                  an item of that name is there already, opened otherwise
├─ TellingRefused             what is told does not fit the register: its fields, who tells it, or its time
└─ ItemState                  what is told does not fit how the item stands: its state or its checklist
"""

from __future__ import annotations

from ledger.errors import LedgerError


class RegisterUnknown(LedgerError):
    """No register of that name is declared."""

    code = "register.unknown"


class RegisterUnusable(LedgerError):
    """A declaration of a register that does not fit its shape; `where` names file and path."""

    code = "register.unusable"


class ItemUnknown(LedgerError):
    """Nothing was told of an item of that name."""

    code = "register.item.unknown"


class ItemTaken(LedgerError):
    """An item of that name is in the register already, and was opened otherwise."""

    code = "register.item.conflict"


class TellingRefused(LedgerError):
    """What is told does not fit the register: a field, who tells it, or when it was."""

    code = "register.refused"


class ItemState(LedgerError):
    """What is told does not fit how the item stands: its state, or a check that is open."""

    code = "register.item.state"

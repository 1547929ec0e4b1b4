"""Arguments of the form NAME=VALUE, as commands take facts and fields."""

from __future__ import annotations

from collections.abc import Iterable

import click


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Return values by name. Raises a usage error for what is no NAME=VALUE, or a name given twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise click.UsageError(f"'{text[:60]}' is not NAME=VALUE, such as net_sales=280000.00")
        if name in found:
            raise click.UsageError(f"'{name}' is given twice")
        found[name] = value.strip()
    return found

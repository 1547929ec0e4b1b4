"""`tallystick render`: the contract as a lawyer reads it, as text, HTML or PDF."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import read_agreement, readable_file, say
from policies.render import Reader, contract, write_html, write_pdf, write_text

_LANGUAGES: dict[str, Reader] = {"zh": "zh", "en": "en", "both": "both"}


@click.command()
@click.argument("agreement", type=readable_file)
@click.option(
    "--format", "form", type=click.Choice(["text", "html", "pdf"]), default="text", show_default=True,
    help="How to write it; a PDF goes to a file.",
)  # fmt: skip
@click.option(
    "--lang", type=click.Choice(["zh", "en", "both"]), default="zh", show_default=True,
    help="Language of the contract; of both, the prevailing one stands first.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead."
)
def command(agreement: Path, form: str, lang: str, output: Path | None) -> None:
    """Write AGREEMENT as a contract: parties, definitions, clauses and what they compute, worked examples."""
    if form == "pdf" and output is None:
        raise click.UsageError("a PDF is no text for a terminal; name a file: -o contract.pdf")
    read, reader = read_agreement(agreement), _LANGUAGES[lang]
    if form == "pdf":
        written = write_pdf(read, reader)
    else:
        written = (write_html if form == "html" else write_text)(contract(read, reader)).encode()
    if output is None:
        say(written.decode().rstrip("\n"))
        return
    try:
        output.write_bytes(written)
    except OSError as fault:
        raise click.ClickException(f"{output} cannot be written: {fault.strerror}") from None
    say(f"{output}: {len(written):,} bytes")

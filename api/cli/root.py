"""The root command: names its subcommands and loads each only when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("check", "Check agreements: structure, types, tests and proofs."),
    "new": ("new", "Start an agreement from a template."),
    "split": ("split", "Split every order line of a file under an agreement."),
    "splitter": ("splitter", "Ask the splitting contract about order lines."),
    "diff": ("diff", "Say what one version changes against another."),
    "simulate": ("simulate", "Replay past orders under a proposed version."),
    "decide": ("decide", "Decide a case file under agreements."),
    "verify": ("verify", "Verify an evidence bundle offline."),
    "render": ("render", "Print an agreement as people read it."),
    "key": ("key", "Make keystore files; replace the log's own key."),
    "sign": ("sign", "Sign a request offline, having read what it says."),
    "agreement": ("agreement", "Propose, sign and list agreements."),
    "signer": ("signer", "Show which key signs for whom; replace and revoke keys."),
    "import": ("orders", "Import an order file, as often as you like."),
    "batch": ("batch", "List imported batches, void a wrong one by two people."),
    "differences": ("differences", "List sales that several sources tell otherwise."),
    "facts": ("facts", "Record and contest facts that dues rest on."),
    "register": ("register", "Keep registers: sessions, promotions, training and more."),
    "session": ("session", "Report on live sessions and promotions."),
    "lottery": ("lottery", "Draw lotteries so that anyone can redo the draw."),
    "suspense": ("suspense", "List and claim order lines that are nobody's yet."),
    "settle": ("settle", "Settle an agreement and issue statements."),
    "statement": ("statement", "Read, export, serve, accept, contest and correct statements."),
    "invoice": ("invoice", "Record invoices and match them with statements."),
    "payout": ("payout", "Pay what statements leave to be paid, by two people."),
    "reconcile": ("reconcile", "Reconcile with bills, banks and a payee's books."),
    "accounts": ("accounts", "Show the chart of accounts with every balance."),
    "account": ("account", "Show the movements of one account."),
    "explain": ("explain", "Say why a figure of a statement is what it is."),
    "change": ("change", "Say why one statement pays another amount than an earlier one."),
    "forecast": ("forecast", "Say what will be payable by day, of what is in flight."),
    "evaluate": ("evaluate", "Compare what was before a version and after it."),
    "why": ("why", "Say what a party gets out of an order, and why."),
    "dispute": ("dispute", "File, decide and confirm disputes."),
    "notice": ("notice", "List and dismiss notices of what should be looked at."),
    "monitor": ("monitor", "List what is watched for, and run the monitors."),
    "tend": ("tend", "Do once what the server does by itself as time passes."),
    "score": ("score", "Score parties by period, for incentives and tiers to follow."),
    "measure": ("measure", "Figures of quality and service, by period, session or SKU."),
    "identity": ("identity", "Show verified identities, and set the gate that they pass."),
    "credit": ("credit", "Give points by rule, show credit scores, hear appeals."),
    "arbiter": ("arbiter", "Seat those who decide disputes; fees and costs."),
    "query": ("query", "Search the ledger for a dispute."),
    "relation": ("relation", "Show the stage of a relationship, draft its next version."),
    "exhibit": ("exhibit", "File, seal, redact and check evidence of disputes."),
    "debt": ("debt", "Show what parties owe, and write it off by two people."),
    "hold": ("hold", "Hold part of a balance, and release it."),
    "period": ("period", "Close months of accounts, and show them."),
    "fx": ("fx", "Record rates, convert sums, show positions."),
    "export": ("export", "Export evidence that verifies offline, and journals."),
    "witness": ("witness", "Countersign a log's checkpoints, and take what others signed."),
    "chain": ("chain", "Checkpoints of the log and their anchors."),
    "vault": ("vault", "Hold deposits by a contract (experimental)."),
    "erase": ("erase", "Erase one group of an entry for good."),
    "data": ("data", "Ask for data under grants, see who received what."),
    "retention": ("retention", "Show and erase personal data whose time is over."),
    "legal-hold": ("legal_hold", "Keep what a court needs from being erased."),
    "backup": ("backup", "Back up the log, the members and the chain."),
    "restore": ("restore", "Restore a backup into an empty place."),
    "migrate": ("migrate", "Bring the database to this version, with its roles."),
    "rebuild": ("rebuild", "Rebuild everything derived from the log."),
    "doctor": ("doctor", "Examine the whole log for faults."),
    "member": ("member", "Enrol members, renew and withdraw their codes."),
    "example": ("example", "Build the worked example."),
    "serve": ("serve", "Serve the pages and the API."),
}
"""Every subcommand: the module of api.cli that holds it as `command`, and its line in the help."""


class LazyGroup(click.Group):
    """A group whose subcommands are imported on use, so that neither `check` nor `--help` loads a server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order in which people meet them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a subcommand."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: Any = importlib.import_module(f"api.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands from the table above, importing none."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="tallystick", prog_name="tallystick")
def root() -> None:
    """Agreements of live-stream commerce: signed, settled to the cent, decided by rule, proved offline.

    Exit codes: 0 good, 1 a check failed, 2 could not run.
    """

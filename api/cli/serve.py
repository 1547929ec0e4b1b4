"""`tallystick serve`: the API and the pages."""

from __future__ import annotations

import socket

import click

from api.cli.output import say
from api.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on; TALLYSTICK_HOST or 127.0.0.1 when absent.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; TALLYSTICK_PORT or 8000 when absent.")
def command(host: str | None, port: int | None) -> None:
    """Serve the pages and the API under /v1 until stopped."""
    import uvicorn  # noqa: PLC0415 (only here)

    from api.app import create_app  # noqa: PLC0415 (Litestar takes a second to import)
    from api.house import house_of  # noqa: PLC0415 (as above)
    from api.office.opening import open_office  # noqa: PLC0415 (as above)
    from api.office.tending import tended  # noqa: PLC0415 (as above)

    settings = Settings.from_environment()
    address, number = host or settings.host, settings.port if port is None else port
    with _listening(address, number) as listener, open_office(settings) as office:
        bound = listener.getsockname()[1]
        say(f"Open http://{address}:{bound}/ in a browser, http://{address}:{bound}/v1/schema for the API.")
        say("Stop with Ctrl-C.")
        config = uvicorn.Config(create_app(house_of(office)), log_level="warning", access_log=False)
        with tended(office, settings.tend_seconds):
            uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as fault:
        listener.close()
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {fault.strerror}; choose another with --port"
        ) from None
    return listener

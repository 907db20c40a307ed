"""The command line: `timbral import`, `timbral run`, `timbral serve` and the rest."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; one clear sentence and exit status 2 on failure."""
    from timbral.cli.application import application
    from timbral.errors import TimbralError

    try:
        application()
    except TimbralError as error:
        sys.stderr.write(f"timbral: {error}\n")
        sys.exit(2)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            sys.stderr.close()
            sys.exit(141)
        where = f": {error.filename}" if error.filename else ""
        sys.stderr.write(f"timbral: {error.strerror or error}{where}; what was written before stays valid\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("timbral: interrupted; what was written stays, run it again to go on\n")
        sys.exit(130)

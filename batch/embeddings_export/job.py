"""Make the artifact of an encoder or a cross-encoder from a sentence-transformers folder, and prove it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from timbral.embeddings.artifact import MANIFEST_FILE
from timbral.embeddings.export import export_cross_encoder, export_encoder, find_default_source
from timbral.embeddings.export.parity import check_parity
from timbral.errors import ContractBroken, TimbralError

if TYPE_CHECKING:
    from collections.abc import Sequence

PARITY_LIMIT = 1e-5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    wanted = _parse(arguments)
    try:
        report = _export(wanted)
    except TimbralError as error:
        print(f"embeddings_export: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(report, sort_keys=True))  # noqa: T201  a job prints
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="embeddings_export", description=__doc__)
    parser.add_argument(
        "--source", type=Path, help="sentence-transformers folder (default: the pinned package)"
    )
    parser.add_argument("--destination", type=Path, required=True, help="folder of the artifact")
    parser.add_argument("--name", help="what to call the encoder")
    parser.add_argument("--precision", choices=("fp32", "int8"), default="fp32")
    parser.add_argument("--cross-encoder", action="store_true", help="the source scores pairs of texts")
    parser.add_argument("--check-parity", action="store_true", help="compare with sentence-transformers")
    wanted = parser.parse_args(arguments)
    if wanted.cross_encoder and (wanted.source is None or wanted.check_parity):
        parser.error("--cross-encoder needs --source, and can't be held to parity by --check-parity")
    if wanted.check_parity and wanted.precision != "fp32":
        parser.error("--check-parity holds fp32 to 1e-5; int8 is another encoder, to be gated on recall")
    return wanted


def _export(wanted: argparse.Namespace) -> dict[str, object]:
    if wanted.cross_encoder:
        made = export_cross_encoder(
            wanted.source, wanted.destination, name=wanted.name, precision=wanted.precision
        )
        return {"fingerprint": made.fingerprint, **made.model_dump(by_alias=True)}
    source: Path = wanted.source or find_default_source()
    manifest = export_encoder(source, wanted.destination, name=wanted.name, precision=wanted.precision)
    report: dict[str, object] = {"fingerprint": manifest.fingerprint, **manifest.model_dump(by_alias=True)}
    if wanted.check_parity:
        report["parity"] = difference = check_parity(source, wanted.destination)
        if difference > PARITY_LIMIT:
            (wanted.destination / MANIFEST_FILE).unlink()  # without it the folder is no artifact
            msg = f"the artifact differs from its source by {difference:.1e}, allowed is {PARITY_LIMIT:.0e}"
            raise ContractBroken(msg)
    return report


if __name__ == "__main__":
    raise SystemExit(main())

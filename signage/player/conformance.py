"""The command line of theupdateframework's conformance suite comes in; the player's own fetcher answers it.

So the suite can be run against the client that screens use: see tests/long/README.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater

from signage.base.clock import SystemClock
from signage.base.files import write_durably
from signage.player.fetcher import Fetcher
from signage.player.http import Http


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step of the suite; 0 if the client accepted everything, 1 if it refused something."""
    options = _parser().parse_args(arguments)
    if options.step == "init":
        write_durably(options.metadata_dir / "root.json", options.trusted_root.read_bytes())
        return 0
    http = Http(SystemClock())
    try:
        updater = Updater(
            str(options.metadata_dir),
            options.metadata_url,
            str(options.target_dir) if options.target_dir else None,
            options.target_base_url,
            fetcher=Fetcher(http),
            bootstrap=None,
        )
        updater.refresh()
        return 0 if options.step == "refresh" else _download(updater, options.target_names)
    except (RepositoryError, DownloadError, OSError) as error:
        print(f"refused: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    finally:
        http.close()


def _download(updater: Updater, names: Sequence[str]) -> int:
    """Fetch each target that is not there already, all with one updater: what it keeps in memory is tested too."""
    for name in names:
        target = updater.get_targetinfo(name)
        if target is None:
            print(f"refused: no target {name}", file=sys.stderr)
            return 1
        if updater.find_cached_target(target) is None:
            updater.download_target(target)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m signage.player.conformance", description=__doc__)
    parser.add_argument("--metadata-dir", type=Path, required=True)
    parser.add_argument("--metadata-url", default="")
    parser.add_argument("--target-name", dest="target_names", action="append", default=[])
    parser.add_argument("--target-dir", type=Path)
    parser.add_argument("--target-base-url")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("init").add_argument("trusted_root", type=Path)
    steps.add_parser("refresh")
    steps.add_parser("download")
    return parser


if __name__ == "__main__":
    sys.exit(main())

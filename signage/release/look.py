"""An office's address in, the bytes that it signed out, checked against their digests; and what else one look told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from signage.release.errors import Reason, Rejection, ReleaseError
from signage.release.layout import ORDERS_TARGET, URGENT_ROLE, blob_path, is_sha256
from signage.release.orders import Order, UrgentKeys, decode_orders, split_orders, urgent_keys
from signage.release.parts import Part
from signage.release.trust import Tree

_MOST_TARGET_BYTES = 4_000_000


@dataclass(slots=True)
class News:
    """What a look at the office told besides the release.

    `orders` are all that the office has out, by sequence; None where nothing could be learnt of them, and `order_fault`
    says why; `envelopes` are the signed bytes of each, to keep. `order_keys` check those from a USB stick and those
    that were kept. `made_ms` is when the office last signed, by its own clock;
    `clock_fault` tells when this machine's clock cannot be right.
    """

    orders: tuple[Order, ...] | None = None
    envelopes: tuple[bytes, ...] = ()
    order_keys: UrgentKeys | None = None
    order_fault: str = ""
    made_ms: int = 0
    clock_fault: str = ""


@dataclass(slots=True)
class Look:
    """One look at the office: where to fetch from, what was learnt, and which of the kept bytes are still wanted."""

    fetcher: FetcherInterface
    base_url: str
    kept: Path
    news: News = field(default_factory=News)
    wanted: set[str] = field(default_factory=set)

    def take_orders(self, updater: Updater, tree: Tree) -> None:
        """Learn the orders; what is wrong with them must not keep a release away."""
        try:
            self.news.order_keys = keys = urgent_keys(tree.targets)
            if f"{URGENT_ROLE}.json" not in tree.snapshot.meta:
                self.news.orders = ()
                return
            with reasons(URGENT_ROLE, Reason.UNDER_SIGNED):
                target = updater.get_targetinfo(ORDERS_TARGET)
            data = self.target(target) if target else None
            # Each counts by itself at the screen: one that nobody may give any more must not hide the others.
            self.news.envelopes = tuple(split_orders(data)) if data else ()
            self.news.orders = decode_orders(data, keys) if data else ()
        except ReleaseError as error:
            self.news.order_fault = str(error)

    def target(self, target: TargetFile) -> bytes:
        """Give the bytes of a target: the manifest, or the orders.

        Raises:
            Rejection: they cannot be had, or are not what was signed.
        """
        folder, _, name = target.path.rpartition("/")
        digest = target.hashes.get("sha256", "")
        if target.length > _MOST_TARGET_BYTES or not is_sha256(digest):
            raise Rejection(Reason.DAMAGED, f"{target.path}: {target.length} bytes, or without a sha256")
        return self._bytes(f"{self.base_url}targets/{folder}/{digest}.{name}", digest, target.length)

    def part(self, part: Part) -> bytes:
        """Give the bytes of a part of the manifest.

        Raises:
            Rejection: they cannot be had, or are not what was signed.
        """
        return self._bytes(self.base_url + blob_path(part.sha256), part.sha256, part.length_bytes)

    def _bytes(self, url: str, digest: str, length: int) -> bytes:
        """Give bytes by their digest: from the disk if they are there, else from the office."""
        self.wanted.add(digest)
        kept = self.kept / digest
        with contextlib.suppress(OSError):
            data = kept.read_bytes()
            if sha256(data).hexdigest() == digest:
                return data
        with reasons(url, Reason.DAMAGED):
            data = self.fetcher.download_bytes(url, length)
        if len(data) != length or sha256(data).hexdigest() != digest:
            raise Rejection(Reason.DAMAGED, f"{url}: other bytes than were signed")
        # Not synced: what a power cut spoils here fails its digest and is fetched again.
        kept.write_bytes(data)
        return data

    def forget_others(self) -> None:
        """Remove the kept bytes that this look had no use for."""
        for path in self.kept.iterdir():
            if path.name not in self.wanted:
                path.unlink()


@contextlib.contextmanager
def reasons(what: str, unsigned: Reason) -> Iterator[None]:
    """Turn what python-tuf and the fetcher raise into a Rejection; `unsigned` is for missing signatures."""
    try:
        yield
    except DownloadLengthMismatchError as error:
        raise Rejection(Reason.DAMAGED, f"{what}: {error}") from error
    except DownloadError as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        raise Rejection(Reason.UNREACHABLE, f"{what}: {error}{cause}") from error
    except ExpiredMetadataError as error:
        raise Rejection(Reason.EXPIRED, f"{what}: {error}; or this machine's clock is wrong") from error
    except BadVersionNumberError as error:
        raise Rejection(Reason.ROLLED_BACK, f"{what}: {error}") from error
    except UnsignedMetadataError as error:
        raise Rejection(unsigned, f"{what}: {error}") from error
    except (RepositoryError, ValueError, KeyError, TypeError) as error:
        raise Rejection(Reason.DAMAGED, f"{what}: {error}") from error

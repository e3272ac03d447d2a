"""A small office for the tests of screens: real keys and signatures, a published folder of static files, no network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from tuf.api.metadata import Metadata, Targets

from signage.base.clock import Clock
from signage.content.values import Entry, Item, Kind, MediaFile, Playlist, Priority, Screen, Store
from signage.release.keys import KeyPair, new_key
from signage.release.layout import ORDERS_TARGET, URGENT_ROLE, blob_path, manifest_target, review_role
from signage.release.manifest import Manifest, encode_manifest
from signage.release.orders import Order, OrderKind, encode_order, encode_orders
from signage.release.parts import split
from signage.release.repository import Change, Repository, TopKeys, delegated, make_target, sign, target_file

CHANNEL = "lobby"
LOBBY = Screen(name="lobby", title="门厅")


class SmallOffice:
    """Publishes stores of pictures for screen `lobby`, in a folder, with as many review levels as asked for."""

    def __init__(self, folder: Path, clock: Clock, levels: int = 1) -> None:
        self.folder = folder
        self._clock = clock
        self.repository = Repository(folder, clock)
        self.top = {role: new_key(role) for role in ("root", "targets", "snapshot", "timestamp")}
        self.reviewers = [new_key(f"reviewer-{level}") for level in range(1, levels + 1)]
        self.urgent = new_key("urgent")
        keys = TopKeys(
            root=[self.top["root"].public],
            targets=[self.top["targets"].public],
            snapshot=self.top["snapshot"].public,
            timestamp=self.top["timestamp"].public,
        )
        people = {review_role(level): [key.public] for level, key in enumerate(self.reviewers, start=1)}
        self.repository.create(keys, self._top_signers(), {**people, URGENT_ROLE: [self.urgent.public]})
        self.root_bytes = (folder / "metadata" / "1.root.json").read_bytes()
        self.number = 0
        self.sequence = 0
        self.envelopes: list[bytes] = []

    def publish(
        self,
        contents: Mapping[str, bytes],
        *,
        number: int | None = None,
        levels: Sequence[int] | None = None,
        screen: Screen | None = None,
        priority: Priority = Priority.NORMAL,
    ) -> Store:
        """Put a release out whose pictures have these contents; signed by these `levels`, all if not said."""
        self.number = self.number + 1 if number is None else number
        files = {path: self.blob(path, content) for path, content in contents.items()}
        return self.publish_files(files, levels, screen or LOBBY, priority)

    def publish_files(
        self,
        files: Mapping[str, MediaFile],
        levels: Sequence[int] | None = None,
        screen: Screen = LOBBY,
        priority: Priority = Priority.NORMAL,
    ) -> Store:
        """Put a release of these files out, under the number that was last set."""
        store = store_of(files, screen, priority)
        manifest = encode_manifest(Manifest(CHANNEL, self.number, self._clock.now_ms(), store))
        target, parts = split(manifest)
        change = Change(files={blob_path(part.sha256): data for part, data in parts.items()})
        for level, key in enumerate(self.reviewers, start=1):
            if levels is None or level in levels:
                self._sign_target(change, review_role(level), manifest_target(level, CHANNEL), target, key, ["lobby"])
        self.repository.commit(change, self._top_signers())
        return store

    def blob(self, path: str, content: bytes) -> MediaFile:
        """Lay a file's bytes out by their hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        place = self.folder / blob_path(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_bytes(content)
        return MediaFile(path, Kind.PICTURE, sha256, len(content), 0, (16, 9), mime="image/png")

    def order(self, kind: OrderKind, item: Item | None = None, until_ms: int | None = None, **more: object) -> bytes:
        """Put an order out, and give its envelope."""
        envelope = self.envelope(kind, item, until_ms, **more)
        self.envelopes.append(envelope)
        self.put_orders()
        return envelope

    def envelope(
        self,
        kind: OrderKind,
        item: Item | None = None,
        until_ms: int | None = None,
        screens: frozenset[str] = frozenset(),
        signer: KeyPair | None = None,
        sequence: int | None = None,
    ) -> bytes:
        """Give a signed order that is not put out: for a stick."""
        self.sequence = self.sequence + 1 if sequence is None else sequence
        now_ms = self._clock.now_ms()
        order = Order(f"o{self.sequence}", self.sequence, kind, now_ms, screens, until_ms, item)
        return encode_order(order, [(signer or self.urgent).signer])

    def put_orders(self) -> None:
        change = Change()
        self._sign_target(change, URGENT_ROLE, ORDERS_TARGET, encode_orders(self.envelopes), self.urgent, None)
        self.repository.commit(change, self._top_signers())

    def renew(self) -> None:
        """Sign the timestamp anew."""
        self.repository.commit(Change(), self._top_signers())

    def _sign_target(
        self, change: Change, role: str, path: str, data: bytes, key: KeyPair, screens: list[str] | None
    ) -> None:
        target = make_target(path, data, {"screens": screens} if screens else None)
        old = self.repository.role(role)
        signed = Targets(
            version=old.signed.version + 1 if old else 1,
            expires=self.repository.expiry("review"),
            targets={path: target},
        )
        _, people = delegated(self.repository.targets().signed, role)
        change.roles[role] = sign(Metadata(signed), [key.signer], people)
        change.files[target_file(path, target)] = data

    def _top_signers(self) -> list:  # type: ignore[type-arg]
        return [key.signer for key in self.top.values()]


def store_of(files: Mapping[str, MediaFile], screen: Screen, priority: Priority) -> Store:
    items = tuple(Item(path, Kind.PICTURE, media.sha256, 10_000, media=media) for path, media in files.items())
    playlist = Playlist("pictures", "图片", (Entry(items),), weight=Fraction(1), priority=priority)
    return Store(Path(), (playlist,), {screen.name: screen}, media=dict(files))


def takeover_item(media: MediaFile) -> Item:
    return replace(Item(media.path, Kind.PICTURE, media.sha256, 10_000), media=media)

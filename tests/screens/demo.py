"""An office with screens in different states, for looking at its pages: real releases, real pictures, real reports."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import update

from signage.base.clock import Clock, SystemClock
from signage.content.store import read_store
from signage.content.values import ZONES_OF_LAYOUT
from signage.office.console.roles import Role
from signage.office.database.tables import ScreenRow
from signage.office.desk import Desk, open_desk
from signage.office.office import Office
from signage.office.people import create_office
from signage.office.publish import publish
from signage.office.screens import asrun, heartbeats
from signage.office.screens.fleet import Fleet
from signage.office.screens.pictures import Pictures
from signage.office.screens.roll import Roll, digest_of
from signage.office.urgent import give_order
from signage.release.orders import OrderKind
from signage.schedule.programme import Programme
from signage.wire import Health, Heartbeat, Machine, OnAir, OutputLook, Shown
from tests.office.desk import let_sign_in

REPOSITORY = Path(__file__).parents[2]
PASSPHRASE = "a passphrase for the demo"
MORE_SCREENS = """
lift-2:
  title: 石榴里社区 · 2 栋电梯
  tags: [indoor, lift]
  layout: full

library:
  title: 社区图书角
  tags: [indoor]
  layout: side

canteen:
  title: 长者食堂
  tags: [indoor, office]
  layout: full

garden:
  title: 口袋公园
  tags: [outdoor]
  layout: full
"""


def seed(folder: Path, clock: Clock | None = None, *, draws: bool = True, hours: float = 6.0) -> Desk:
    """Make the office in a folder; give its desk, with somebody called 王芳 who may do everything."""
    clock = clock or SystemClock()
    store = folder / "store"
    shutil.copytree(REPOSITORY / "playlists", store / "playlists")
    (store / "media").symlink_to(REPOSITORY / "media")
    with (store / "playlists" / "screens.yaml").open("a", encoding="utf-8") as file:
        file.write(MORE_SCREENS)
    office = Office(folder / "office", lambda _name: PASSPHRASE, clock, 2)
    create_office(office)
    publish(office, read_store(store))
    desk = open_desk(store, folder / "office", clock=clock)
    desk.settings.change(is_set_up=True, community="石榴里社区")
    let_sign_in(desk, "王芳", *Role)
    give_order(office, OrderKind.BLACKOUT, screens=["canteen"])
    _add_screens(desk, office, draws, hours)
    return desk


def _add_screens(desk: Desk, office: Office, draws: bool, hours: float) -> None:
    now_ms = desk.clock.now_ms()
    roll, fleet, pictures = (
        Roll(desk.database, desk.audit, desk.clock),
        Fleet(desk),
        Pictures(desk.folder / "pictures"),
    )
    aired = fleet.on_air.now()
    order = aired.orders[0]
    odd = {
        "gate": {},
        "hall": {"health": Health(83.0, 9_000_000_000, 32_000_000_000, 3_000_000_000, 4_000_000_000, 240_000_000, 0.6)},
        "portrait": {"output": OutputLook(now_ms, 2.0, True)},
        "lift-2": {"sent_ms": now_ms - 754_000},
        "library": {"release": 0, "missing_bytes": 34_500_000},
        "canteen": {"order_in_force": order.id, "is_blackout": True, "orders": (order.id,)},
    }
    for name, said in odd.items():
        with desk.database.writing() as session:
            roll.let_in(session, name, digest_of(f"token-of-{name}"), "王芳")
        manifest = aired.manifests[name]
        screen = manifest.store.screens[name]
        zones = []
        for zone in ZONES_OF_LAYOUT[screen.layout]:
            programme = Programme(manifest.store, screen, zone)
            slot = programme.slot_at(now_ms)
            after = programme.slot_at(slot.end_ms)
            zones.append(
                OnAir(zone, slot.item.name, slot.playlist, slot.start_ms, slot.end_ms, next_item=after.item.name)
            )
            if zone == "main":
                _report(desk, name, programme, now_ms, hours)
        usual = {
            "sent_ms": now_ms,
            "boot": 1,
            "uptime_s": 432_000.0,
            "release": manifest.number,
            "on_air": tuple(zones),
            "output": OutputLook(now_ms, 96.0),
            "health": Health(52.0, 21_000_000_000, 32_000_000_000, 2_100_000_000, 4_000_000_000, 240_000_000, 0.6),
            "machine": Machine(f"{name}-pc", (1920, 1080), "Debian GNU/Linux 12 (x86_64)", "0.1.0", "software"),
        }
        with desk.database.writing() as session:
            heartbeats.keep(name, heartbeats.plain(Heartbeat(**usual | said)), now_ms)(session)
        if draws and name not in ("canteen", "library"):
            shot = desk.studio.draw_moment(
                manifest.store, screen, now_ms, lambda media: desk.store / "media" / media.path, width_px=640
            )
            picture = BytesIO()
            Image.open(BytesIO(shot.webp)).convert("RGB").save(picture, "JPEG", quality=80)
            for age_ms in (540_000, 360_000, 180_000, 0):
                pictures.keep(name, now_ms - age_ms, picture.getvalue())
            with desk.database.writing() as session:
                session.execute(update(ScreenRow).where(ScreenRow.name == name).values(picture_ms=now_ms))
    with desk.database.writing() as session:
        session.execute(update(ScreenRow).where(ScreenRow.name == "gate").values(heard_ms=now_ms))
        old = {"enrolled_ms": now_ms - 40 * 86_400_000, "heard_ms": now_ms - 7_200_000}
        roll.let_in(session, "garden", digest_of("token-of-garden"), "王芳")
        session.execute(update(ScreenRow).where(ScreenRow.name == "garden").values(**old))


def _report(desk: Desk, name: str, programme: Programme, now_ms: int, hours: float) -> None:
    """Send what the screen would have shown: nearly all of it, some late, a few cut or failed, one hour missing."""
    rows = []
    for key, slot in enumerate(programme.slots(now_ms - int(hours * 3_600_000), now_ms)):
        is_gap = name == "hall" and 0.35 < (now_ms - slot.start_ms) / (hours * 3_600_000) < 0.5
        if is_gap or slot.end_ms > now_ms:
            continue
        outcome, reason, late_ms = "shown", "", 8 + key * 7919 % 40
        if key % 97 == 13:
            outcome, reason = "failed", "素材损坏：解码到一半出错"
        elif key % 61 == 7:
            outcome, reason = "cut", "takeover"
        started_ms = slot.start_ms + late_ms
        ended_ms = started_ms if outcome == "failed" else slot.end_ms if outcome == "shown" else slot.end_ms - 2000
        rows.append(
            Shown(
                key,
                slot.zone,
                slot.item.name,
                str(slot.item.kind),
                slot.item.sha256,
                slot.playlist,
                slot.start_ms,
                slot.end_ms,
                started_ms,
                max(started_ms, ended_ms),
                outcome,
                reason,
            )
        )
    with desk.database.writing() as session:
        for start in range(0, len(rows), 500):
            asrun.keep(name, rows[start : start + 500])(session)


def keep_fresh(desk: Desk) -> None:
    """Have the living screens be heard of now: a demo that is looked at for longer than 90 s would go offline."""
    with desk.database.writing() as session:
        living = ScreenRow.name.not_in(["garden"])
        session.execute(update(ScreenRow).where(living).values(heard_ms=desk.clock.now_ms()))

"""The settings form in, values to keep or what is wrong with each field out."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from signage.office.console.passwords import Said
from signage.office.console.shell import text_of
from signage.office.settings import Settings
from signage.office.webhooks import Shape, is_address

MOST_COMMUNITY = 40
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_SEPARATORS = re.compile(r"[\s,，、;；]+")
_MOST_NAMES = 20
_MOST_SECRET = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number may be, and why not other ones."""

    least: int
    most: int
    zh: str
    en: str


NUMBERS = {
    "kept_days": Limits(30, 3650, "30 到 3650 天", "30 to 3650 days"),
    "public_days": Limits(1, 3650, "1 到 3650 天", "1 to 3650 days"),
    "backup_hour": Limits(0, 23, "0 到 23 点", "0 to 23"),
    "backups_kept": Limits(1, 365, "1 到 365 份", "1 to 365"),
    "offline_after_s": Limits(
        60, 3600, "60 到 3600 秒（屏幕每 30 秒报到一次）", "60 to 3600 s (screens report every 30 s)"
    ),
}
SWITCHES = ("public_page", "own_approval")
SECRETS = ("alarm_webhook", "alarm_secret")


def read_settings(form: FormData, now: Settings, used_host: str) -> tuple[dict[str, Any], dict[str, Said]]:
    """Give what the form sets, and the faults by field. `used_host`: the name under which the person asks now."""
    said: dict[str, Any] = {"community": text_of(form, "community"), "language": text_of(form, "language")}
    faults: dict[str, Said] = {}
    if not said["community"] or len(said["community"]) > MOST_COMMUNITY or not said["community"].isprintable():
        faults["community"] = f"请填社区名称，最多 {MOST_COMMUNITY} 个字", f"1 to {MOST_COMMUNITY} characters"
    if said["language"] not in ("zh", "en"):
        faults["language"] = "请选一种语言", "choose one"
    for name, limits in NUMBERS.items():
        text = text_of(form, name)
        said[name] = text
        if text.isascii() and text.isdecimal() and len(text) < 7 and limits.least <= int(text) <= limits.most:
            said[name] = int(text)
        else:
            faults[name] = f"请填数字，{limits.zh}", f"a number, {limits.en}"
    said |= {name: bool(form.get(name)) for name in SWITCHES}
    _read_hosts(form, said, faults, now, used_host)
    _read_networks(form, said, faults)
    _read_webhook(form, said, faults, now)
    return said, faults


def _read_hosts(form: FormData, said: dict[str, Any], faults: dict[str, Said], now: Settings, used_host: str) -> None:
    said["hosts"] = _names(form, "hosts")
    bad = [name for name in said["hosts"] if not _HOST.fullmatch(name)]
    if bad or len(said["hosts"]) > _MOST_NAMES:
        shown = (bad or ["…"])[0][:60]
        faults["hosts"] = (
            f"“{shown}”不是主机名：只写名字，不要 http:// 和端口，最多 {_MOST_NAMES} 个",
            f"'{shown}' is no host name: without http:// and port, {_MOST_NAMES} at most",
        )
    elif used_host in now.hosts and used_host not in said["hosts"]:
        faults["hosts"] = (
            f"您正在用 {used_host} 打开管理台，去掉它就打不开了；请换个地址打开再去掉",
            f"you are using {used_host} now; without it you would be locked out",
        )


def _read_networks(form: FormData, said: dict[str, Any], faults: dict[str, Said]) -> None:
    said["metrics_from"] = _names(form, "metrics_from")
    for one in said["metrics_from"]:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            faults["metrics_from"] = f"“{one[:60]}”不是 IP 地址或网段", f"'{one[:60]}' is no address or network"


def _read_webhook(form: FormData, said: dict[str, Any], faults: dict[str, Said], now: Settings) -> None:
    """Take the address and the secret where new ones were typed; what is shown of the old ones is never taken."""
    said["alarm_shape"] = text_of(form, "alarm_shape")
    if said["alarm_shape"] not in set(Shape):
        faults["alarm_shape"] = "请选一种", "choose one"
    for name in SECRETS:
        typed = text_of(form, name)
        said[name] = "" if form.get(f"{name}-gone") else typed or getattr(now, name)
        if len(typed) > _MOST_SECRET or not typed.isprintable():
            faults[name] = "太长，或含有看不见的字符", "too long, or with characters that cannot be seen"
    if said["alarm_webhook"] and not is_address(said["alarm_webhook"]):
        faults["alarm_webhook"] = (
            "这不是网址：应当以 http:// 或 https:// 开头，从群机器人的设置里整个复制",
            "no address: it begins with http:// or https://; copy all of it from the robot's settings",
        )
    if not said["alarm_webhook"]:
        said["alarm_secret"] = ""


def _names(form: FormData, field: str) -> tuple[str, ...]:
    found = [name.lower() for name in _SEPARATORS.split(text_of(form, field)) if name]
    return tuple(dict.fromkeys(found))


def changes_of(before: Settings, said: dict[str, Any]) -> dict[str, Any]:
    """Give what differs, for the audit log: of secrets only that they changed."""
    changed = {name: value for name, value in said.items() if getattr(before, name) != value}
    return {name: "…" if name in SECRETS else value for name, value in changed.items()}

"""An address and port in; the lines that `signage office` says when it starts out: where staff and screens find it."""

from __future__ import annotations

import ipaddress
import resource
import socket
from contextlib import suppress
from io import StringIO

import segno

FEW_FILES = 4096
# One address behind each kind of private network, and one behind none: see `lan_addresses`.
_SOMEWHERE = ("10.255.255.254", "192.168.255.254", "172.31.255.254", "192.0.2.1")


def lan_addresses() -> list[str]:
    """Give this machine's IPv4 addresses by which others on the network reach it; none where it has no network.

    The kernel is asked from which address it would send to each private network; nothing is sent.
    """
    found: dict[str, None] = {}
    for there in _SOMEWHERE:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((there, 9))
            address = probe.getsockname()[0]
            if not ipaddress.ip_address(address).is_loopback:
                found[address] = None
    return list(found)


def addresses(host: str, port: int) -> list[str]:
    """Give the console's addresses, the one to tell staff first."""
    with suppress(ValueError):
        if not ipaddress.ip_address(host).is_unspecified:
            return [f"http://{f'[{host}]' if ':' in host else host}:{port}/"]
        return [f"http://{one}:{port}/" for one in (*lan_addresses(), "127.0.0.1")]
    return [f"http://{host}:{port}/"]


def is_for_this_machine_only(host: str) -> bool:
    """Tell whether nobody else can reach what listens there."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def lines(host: str, port: int, *, with_code: bool = False) -> list[str]:
    """Give what to say at the start; `with_code` adds a QR code of the first address, for a phone."""
    places = addresses(host, port)
    said = ["办公室已启动 The office is running   (Ctrl-C: 结束 end)"]
    said += [f"  管理台 console: {place}" for place in places]
    if is_for_this_machine_only(host):
        said.append("  只有这台电脑能打开；要让同事和屏幕连上，请加 --host 0.0.0.0")
        said.append("  (only this computer can reach it; for staff and screens add --host 0.0.0.0)")
    else:
        said.append(f"  在屏幕的电脑上 on a screen's computer: signage play --office {places[0].rstrip('/')}")
    if with_code:
        out = StringIO()
        segno.make(places[0], error="l").terminal(out, compact=True)
        said.append(out.getvalue().rstrip("\n"))
    return said


def few_files_warning() -> str | None:
    """Give what to say where this machine lets a process open too few files: each screen holds one open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= FEW_FILES or soft == resource.RLIM_INFINITY:
        return None
    return (
        f"this machine allows {soft} open files; above about {soft // 2} screens and browsers some are turned away: "
        "raise it with LimitNOFILE= of the service or ulimit -n (可同时打开的文件太少，屏幕多时请调大)"
    )

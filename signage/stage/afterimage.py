"""What is on an X11 output comes in; the same picture stays there when the player's window is gone.

A window that goes shows the root window, and that is black. So after each change the server is told to copy the output
and to keep the copy as the root window's background: a player that is killed, ends or is renewed leaves its last
picture until the next one has its first. Only where no desktop runs: there the background is somebody's own.

Source: the X Window System Protocol (X.Org), CreatePixmap, CopyArea and ChangeWindowAttributes; by libxcb, which Qt
has loaded already, on a connection of its own, because Qt gives its own to nobody in Python.
"""

from __future__ import annotations

import ctypes
import logging
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_int16, c_uint8, c_uint16, c_uint32, c_void_p, sizeof
from typing import Any

from PySide6.QtGui import QGuiApplication, QImage

log = logging.getLogger(__name__)

_LIBRARY = "libxcb.so.1"
_MARK = b"_SIGNAGE_AFTERIMAGE"
_DESKTOP = b"_NET_SUPPORTING_WM_CHECK"
_BACK_PIXMAP = 1 << 0
_SUBWINDOW_MODE, _GRAPHICS_EXPOSURES = 1 << 15, 1 << 16
_INCLUDE_INFERIORS = 1
_CARDINAL = 6


class _Roots(Structure):
    _fields_ = (("data", c_void_p), ("rem", c_int), ("index", c_int))


class _Cookie(Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Geometry(Structure):
    _fields_ = (
        ("response_type", c_uint8),
        ("depth", c_uint8),
        ("sequence", c_uint16),
        ("length", c_uint32),
        ("root", c_uint32),
        ("x", c_int16),
        ("y", c_int16),
        ("width", c_uint16),
        ("height", c_uint16),
    )


class _Atom(Structure):
    _fields_ = (
        ("response_type", c_uint8),
        ("pad", c_uint8),
        ("sequence", c_uint16),
        ("length", c_uint32),
        ("atom", c_uint32),
    )


class _Property(Structure):
    _fields_ = (
        ("response_type", c_uint8),
        ("format", c_uint8),
        ("sequence", c_uint16),
        ("length", c_uint32),
        ("type", c_uint32),
    )


class AfterImage:
    """The picture under the player's window. All methods are for one thread; each takes well under a millisecond."""

    def __init__(self, xcb: ctypes.CDLL, connection: int) -> None:
        self._xcb = xcb
        self._connection: int | None = connection
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [c_void_p]
        roots: _Roots = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(connection))
        self._root = int(c_uint32.from_address(roots.data).value)
        self._is_marked = False
        self._gc = int(xcb.xcb_generate_id(connection))
        values = (c_uint32 * 2)(_INCLUDE_INFERIORS, 0)
        xcb.xcb_create_gc(connection, self._gc, self._root, _SUBWINDOW_MODE | _GRAPHICS_EXPOSURES, values)

    @property
    def is_left(self) -> bool:
        """Whether a player before this one left its picture on this output."""
        return self._has(_MARK)

    @property
    def is_desktop(self) -> bool:
        """Whether a window manager runs."""
        return self._has(_DESKTOP)

    def keep(self) -> None:
        """Have what is on the output now stay when the window is gone. The server does it in its own time."""
        connection, xcb = self._connection, self._xcb
        if connection is None:
            return
        if xcb.xcb_connection_has_error(connection):
            self.close()
            return
        geometry = self._reply(_Geometry, xcb.xcb_get_geometry_reply, xcb.xcb_get_geometry(connection, self._root))
        if geometry is None:
            return
        pixmap = xcb.xcb_generate_id(connection)
        size = geometry.width, geometry.height
        xcb.xcb_create_pixmap(connection, geometry.depth, pixmap, self._root, *size)
        xcb.xcb_copy_area(connection, self._root, pixmap, self._gc, 0, 0, 0, 0, *size)
        xcb.xcb_change_window_attributes(connection, self._root, _BACK_PIXMAP, (c_uint32 * 1)(pixmap))
        xcb.xcb_free_pixmap(connection, pixmap)  # the root window holds it from now on
        if not self._is_marked and (mark := self._atom(_MARK, may_be_new=True)):
            xcb.xcb_change_property(connection, 0, self._root, mark, _CARDINAL, 32, 1, byref(c_uint32(1)))
            self._is_marked = True
        xcb.xcb_flush(connection)
        while event := xcb.xcb_poll_for_event(connection):  # errors, of which a queue would grow
            self._free(event)

    def close(self) -> None:
        """Let go of the server; the picture stays."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._xcb.xcb_disconnect(connection)

    def _has(self, name: bytes) -> bool:
        atom = self._atom(name)
        if self._connection is None or not atom:
            return False
        cookie = self._xcb.xcb_get_property(self._connection, 0, self._root, atom, 0, 0, 1)
        found = self._reply(_Property, self._xcb.xcb_get_property_reply, cookie)
        return found is not None and found.type != 0

    def _atom(self, name: bytes, *, may_be_new: bool = False) -> int:
        cookie = self._xcb.xcb_intern_atom(self._connection, 0 if may_be_new else 1, len(name), name)
        found = self._reply(_Atom, self._xcb.xcb_intern_atom_reply, cookie)
        return 0 if found is None else int(found.atom)

    def _reply(self, kind: Any, ask: Any, cookie: _Cookie) -> Any:
        """Give a copy of the answer; None where the server gave an error or is gone."""
        address = ask(self._connection, cookie, None)
        if not address:
            return None
        answer = kind.from_buffer_copy(ctypes.string_at(address, sizeof(kind)))
        self._free(address)
        return answer


def open_after_image() -> AfterImage | None:
    """Give it for Qt's display; None where there is no X server, or a desktop runs on it."""
    if QGuiApplication.platformName() != "xcb":
        return None
    try:
        xcb = _load()
    except OSError as error:
        log.info("a player that ends leaves a black output: %s", error)
        return None
    connection = xcb.xcb_connect(None, None)
    if not connection:
        return None
    if xcb.xcb_connection_has_error(connection):
        xcb.xcb_disconnect(connection)
        return None
    found = AfterImage(xcb, connection)
    if found.is_desktop:
        found.close()
        return None
    return found


def picture_on_output() -> QImage | None:
    """Give what the primary output shows now."""
    output = QGuiApplication.primaryScreen()
    picture = output.grabWindow(0).toImage() if output is not None else QImage()
    return None if picture.isNull() else picture


def _load() -> ctypes.CDLL:
    xcb = ctypes.CDLL(_LIBRARY)
    connection, window, error = c_void_p, c_uint32, POINTER(c_void_p)
    signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "xcb_connect": (connection, (c_char_p, POINTER(c_int))),
        "xcb_connection_has_error": (c_int, (connection,)),
        "xcb_disconnect": (None, (connection,)),
        "xcb_flush": (c_int, (connection,)),
        "xcb_generate_id": (c_uint32, (connection,)),
        "xcb_get_setup": (c_void_p, (connection,)),
        "xcb_setup_roots_iterator": (_Roots, (c_void_p,)),
        "xcb_poll_for_event": (c_void_p, (connection,)),
        "xcb_get_geometry": (_Cookie, (connection, window)),
        "xcb_get_geometry_reply": (c_void_p, (connection, _Cookie, error)),
        "xcb_intern_atom": (_Cookie, (connection, c_uint8, c_uint16, c_char_p)),
        "xcb_intern_atom_reply": (c_void_p, (connection, _Cookie, error)),
        "xcb_get_property": (_Cookie, (connection, c_uint8, window, c_uint32, c_uint32, c_uint32, c_uint32)),
        "xcb_get_property_reply": (c_void_p, (connection, _Cookie, error)),
        "xcb_change_property": (
            _Cookie,
            (connection, c_uint8, window, c_uint32, c_uint32, c_uint8, c_uint32, c_void_p),
        ),
        "xcb_create_gc": (_Cookie, (connection, c_uint32, window, c_uint32, c_void_p)),
        "xcb_create_pixmap": (_Cookie, (connection, c_uint8, c_uint32, window, c_uint16, c_uint16)),
        "xcb_free_pixmap": (_Cookie, (connection, c_uint32)),
        "xcb_copy_area": (_Cookie, (connection, window, window, c_uint32, *(c_int16,) * 4, c_uint16, c_uint16)),
        "xcb_change_window_attributes": (_Cookie, (connection, window, c_uint32, c_void_p)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(xcb, name)
        function.restype, function.argtypes = result, arguments
    return xcb

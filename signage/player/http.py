"""The door to requests: an address of an office, a mirror or a USB stick comes in, its bytes come out within limits.

Reports go out by the same door, to the office alone.
"""

from __future__ import annotations

import contextlib
import logging
import math
import socket
import threading
from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from signage.base.clock import Clock, SystemClock
from signage.player.answers import CHUNK_BYTES, Answer, FetchError, Limits, TooLongError, open_file

_CONNECTIONS = 16
_IDLE_S = 0.1
_MOST_REASON = 300


class Http:
    """Fetches and sends, from several threads at once. Follows no redirect, keeps no cookie, asks no proxy or netrc."""

    def __init__(self, clock: Clock) -> None:
        # It logs every odd header as a warning, again and again; what matters comes out as FetchError.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._clock = clock
        self._current = threading.local()
        self._lock = threading.Lock()
        self._leases: set[_Lease] = set()
        self._is_closed = False
        self._watch = _Watch()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers["User-Agent"] = "signage"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _LeasingAdapter(self._current)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def open(self, url: str, limits: Limits, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for `url` (http:, https: or file:) and give the answer once its headers are there, whatever its status.

        Raises:
            FetchError: no answer within the limits; try again later, or elsewhere.
        """
        if urlsplit(url).scheme == "file":
            return open_file(url, limits, _identity(headers))
        return self._ask("GET", url, limits, headers, None)

    def send(
        self, method: str, url: str, body: bytes, limits: Limits, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Hand `body` over (http: and https: only) and give the answer once its headers are there, whatever its status.

        `limits.headers_s` holds for sending the body and waiting for the headers together.

        Raises:
            FetchError: no answer within the limits; whether it was taken is not known. Send it again later.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise FetchError(f"{url}: takes no reports; they go to the office's http(s) address")
        return self._ask(method, url, limits, headers, body)

    def _ask(
        self, method: str, url: str, limits: Limits, headers: Mapping[str, str] | None, body: bytes | None
    ) -> Answer:
        lease = self._begin(url, limits)
        self._current.lease = lease
        try:
            response = self._session.request(
                method,
                url,
                data=body,
                headers=_identity(headers),
                timeout=(limits.connect_s, limits.silence_s),
                stream=True,
                allow_redirects=False,
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            self._end(lease)
            raise FetchError(f"{url}: {lease.why or _reason(error)}") from error
        finally:
            self._current.lease = None
        if lease.why:  # headers that were cut off look like headers that ended
            self._finish(response, lease)
            raise FetchError(f"{url}: {lease.why}")
        self._watch.limit(lease, limits.total_s)
        lower = {name.lower(): value for name, value in response.headers.items()}
        chunks = self._read(url, response, limits, lease)
        return Answer(response.status_code, lower, chunks, lambda: self._finish(response, lease))

    def close(self) -> None:
        """Cut off everything under way, in whatever thread, and refuse what comes later."""
        with self._lock:
            self._is_closed = True
            leases = list(self._leases)
        for lease in leases:
            lease.cut("the player is closing")
            self._watch.limit(lease, None)
        self._session.close()

    def _begin(self, url: str, limits: Limits) -> _Lease:
        lease = _Lease()
        with self._lock:
            if self._is_closed:
                raise FetchError(f"{url}: the player is closing")
            self._leases.add(lease)
        self._watch.limit(lease, limits.headers_s)
        return lease

    def _end(self, lease: _Lease) -> None:
        """The request is over; its socket may serve another one from now on."""
        self._watch.limit(lease, None)
        lease.hold(None)
        with self._lock:
            self._leases.discard(lease)

    def _finish(self, response: requests.Response, lease: _Lease) -> None:
        self._end(lease)
        response.close()

    def _read(self, url: str, response: requests.Response, limits: Limits, lease: _Lease) -> Iterator[bytes]:
        """Give the body as it comes; with `gzip` in its Content-Encoding, what that packs, limited by its own size."""
        total_bytes = 0
        pace = _Pace(self._clock, limits)
        try:
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                total_bytes += len(chunk)
                if total_bytes > limits.most_bytes:
                    raise TooLongError(f"{url}: is longer than the {limits.most_bytes} bytes that it may have")
                pace.note(url, len(chunk))
                yield chunk
        except (requests.RequestException, HTTPError, OSError) as error:
            raise FetchError(f"{url}: {lease.why or _reason(error)}") from error
        if lease.why:
            raise FetchError(f"{url}: {lease.why}")


class _Pace:
    """Refuses a body that comes more slowly than asked: a trickle never runs into a time limit for silence."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._since_s = clock.monotonic_s()
        self._bytes = 0

    def note(self, url: str, count: int) -> None:
        self._bytes += count
        limits, now_s = self._limits, self._clock.monotonic_s()
        if limits.total_s is None or now_s - self._since_s < limits.window_s:
            return
        speed = self._bytes / (now_s - self._since_s)
        if speed < limits.least_bytes_per_s:
            raise FetchError(f"{url}: comes at {speed:.0f} bytes a second, less than {limits.least_bytes_per_s}")
        self._since_s, self._bytes = now_s, 0


class _Lease:
    """One request under way, which another thread can cut off, even while it waits for headers."""

    def __init__(self) -> None:
        self.why = ""
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def hold(self, held: socket.socket | None) -> None:
        with self._lock:
            self._socket = held
            if self.why:
                self._shut()

    def cut(self, why: str) -> None:
        with self._lock:
            self.why = self.why or why
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class _Watch:
    """Cuts requests off that take longer than their limits: one thread for all, while there are any."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._changed = threading.Condition()
        self._limits: dict[_Lease, tuple[float, float]] = {}
        self._next_s = math.inf
        self._is_running = False

    def limit(self, lease: _Lease, limit_s: float | None) -> None:
        """Have it cut off after this time from now, instead of what was set before; None: never."""
        with self._changed:
            if limit_s is None:
                self._limits.pop(lease, None)
                if not self._limits:
                    self._changed.notify()
                return
            until_s = self._clock.monotonic_s() + limit_s
            self._limits[lease] = (until_s, limit_s)
            if not self._is_running:
                threading.Thread(target=self._run, name="http-deadlines", daemon=True).start()
                self._is_running = True  # only now: where no thread could be started, the next request tries again
            elif until_s < self._next_s:
                self._changed.notify()

    def _run(self) -> None:
        """Wait for the next limit; end when there has been nothing to watch for a while."""
        with self._changed:
            while self._limits or self._changed.wait(_IDLE_S) or self._limits:
                now_s = self._clock.monotonic_s()
                for lease, (until_s, limit_s) in list(self._limits.items()):
                    if until_s <= now_s:
                        del self._limits[lease]
                        lease.cut(f"took longer than {limit_s:g} s")
                self._next_s = min((until_s for until_s, _ in self._limits.values()), default=math.inf)
                if self._limits:
                    self._changed.wait(self._next_s - now_s)
            self._is_running, self._next_s = False, math.inf


class _LeasedHttpConnection(HTTPConnection):
    """Hands its socket to the lease of the request that it serves, before it sends anything and waits for headers."""

    current: ClassVar[threading.local]

    def endheaders(self, *arguments: Any, **keywords: Any) -> None:
        if self.sock is None:
            self.connect()
        _hold(self.current, self.sock)
        super().endheaders(*arguments, **keywords)

    def getresponse(self) -> Any:
        _hold(self.current, self.sock)
        return super().getresponse()


class _LeasedHttpsConnection(HTTPSConnection):
    current: ClassVar[threading.local]

    def endheaders(self, *arguments: Any, **keywords: Any) -> None:
        if self.sock is None:
            self.connect()
        _hold(self.current, self.sock)
        super().endheaders(*arguments, **keywords)

    def getresponse(self) -> Any:
        _hold(self.current, self.sock)
        return super().getresponse()


def _hold(current: threading.local, held: socket.socket | None) -> None:
    lease: _Lease | None = getattr(current, "lease", None)
    if lease is not None:
        lease.hold(held)


class _LeasingAdapter(HTTPAdapter):
    """Makes connections that know the lease of their thread."""

    def __init__(self, current: threading.local) -> None:
        self._leases = current
        super().__init__(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **keywords: Any) -> None:
        super().init_poolmanager(*arguments, **keywords)
        own = {"current": self._leases}
        plain = type("Connection", (_LeasedHttpConnection,), own)
        secure = type("SecureConnection", (_LeasedHttpsConnection,), own)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }


def _identity(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {"Accept-Encoding": "identity"} | dict(headers or {})


def _reason(error: BaseException) -> str:
    """Say why in few words, on one line: the innermost cause that has something to say.

    What was no HTTP is quoted in it: whoever answers in the office's place must not write lines into the log.
    """
    inner = error
    while (cause := inner.__cause__ or inner.__context__) is not None and str(cause):
        inner = cause
    said = str(inner)[:_MOST_REASON] or type(inner).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in said)

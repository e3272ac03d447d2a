"""Passwords in, their hashes out, and back; the one door to argon2."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

LEAST_LENGTH = 8
# Source: OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes, 1 lane; about 50 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Give what is kept of a password."""
    return _HASHER.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Tell whether this is the password. `kept` may be empty (nobody of that name): as slow, and never true."""
    try:
        return _HASHER.verify(kept or _nobodys(), password) and bool(kept)
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """Give a hash to try against, so that the time taken does not tell who exists."""
    return _HASHER.hash("nobody's password")

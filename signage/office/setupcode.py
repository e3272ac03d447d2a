"""A new office in, the code out that proves at the first-run wizard that a person sees this computer's terminal."""

from __future__ import annotations

import re
import secrets

from signage.wire import CODE_LETTERS

_LENGTH = 8


def new_setup_code() -> str:
    """Give a code of eight letters, `BCDF-GHJK`: 2.6e10 of them, and few tries are allowed."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def is_setup_code(typed: str, code: str) -> bool:
    """Tell whether this is the code, however people write it; takes as long for any."""
    plain = re.sub(r"[\s_.–—-]", "", typed).upper()
    return secrets.compare_digest(plain.encode(), code.replace("-", "").encode())

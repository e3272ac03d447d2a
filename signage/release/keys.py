"""A passphrase in, key pairs sealed in files out, and signers back from them.

A key file is JSON: the name, the public key, and the private key as PKCS8, sealed with AES-256-GCM under a key that
scrypt makes of the passphrase; unsealed only where a key has to work unattended (timestamp and snapshot).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from signage.base.files import write_durably
from signage.release.errors import ReleaseError

SCRYPT_COST = 2**16
"""scrypt's n, with r = 8: 64 MiB and about 0.2 s for each try at a passphrase. Source: RFC 7914; OWASP."""
SHORTEST_PASSPHRASE = 8
_MOST_COST = 2**20
_NAME_FIELD = "x-signage-name"


class PassphraseError(ReleaseError):
    """The passphrase does not open this key, or is too short to seal one."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A person's or a role's key."""

    name: str
    signer: CryptoSigner

    @property
    def public(self) -> Key:
        return self.signer.public_key


def new_key(name: str) -> KeyPair:
    """Make an Ed25519 key pair; the public part carries the name."""
    private = Ed25519PrivateKey.generate()
    return KeyPair(name, CryptoSigner(private, _named(SSlibKey.from_crypto(private.public_key()), name)))


def _named(key: SSlibKey, name: str) -> SSlibKey:
    key.unrecognized_fields[_NAME_FIELD] = name
    return key


def renamed(key: Key, name: str) -> Key:
    """Give the same key as that of `name`: whose a key is, the office says, not whoever made its file."""
    return _named(SSlibKey(key.keyid, key.keytype, key.scheme, dict(key.keyval)), name)


def public_bytes(key: Key) -> bytes:
    """Give what makes a key that key, however its metadata spells it: by this one counts keys that are the same."""
    public = key.keyval.get("public")
    try:
        return bytes.fromhex(public) if isinstance(public, str) else repr(public).encode()
    except ValueError:
        return str(public).encode()


def name_of(key: Key) -> str:
    """Give whose key it is."""
    name = key.unrecognized_fields.get(_NAME_FIELD)
    return name if isinstance(name, str) else key.keyid[:8]


def public_text(key: Key) -> str:
    """Give the public key as the text that a reviewer hands to the office."""
    return json.dumps({"keyid": key.keyid, "public": key.to_dict()}, ensure_ascii=False, indent=1) + "\n"


def read_public(path: Path) -> Key:
    """Give the public key from a key file or from a public one.

    Raises:
        ReleaseError: it is no key file.
    """
    said = _read(path)
    return _public(said, path)


def save_key(path: Path, key: KeyPair, passphrase: str | None, cost: int = SCRYPT_COST) -> None:
    """Write the key file, readable by its owner alone; `passphrase` None leaves it unsealed.

    Raises:
        PassphraseError: the passphrase is shorter than 8 characters.
        ReleaseError: there is a file already; a key is never overwritten.
        SignageError: the disk does not take it.
    """
    if passphrase is not None and len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseError(f"a passphrase needs at least {SHORTEST_PASSPHRASE} characters (口令至少 8 个字符)")
    if path.exists():
        raise ReleaseError(f"{path}: is there already; a key is never overwritten")
    private = key.signer.private_bytes
    said = {"name": key.name, "keyid": key.public.keyid, "public": key.public.to_dict()}
    said |= {"plain": _text(private)} if passphrase is None else {"sealed": _seal(private, passphrase, cost)}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # So that the file is its owner's alone from its first byte on.
    before = os.umask(0o077)
    try:
        write_durably(path, json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n")
    finally:
        os.umask(before)


def load_key(path: Path, passphrase: str | None) -> KeyPair:
    """Give the key pair of a file.

    Raises:
        PassphraseError: the passphrase is wrong or wanting.
        ReleaseError: it is no key file.
    """
    said = _read(path)
    public = _public(said, path)
    try:
        if "plain" in said:
            private_bytes = base64.b64decode(said["plain"])
        elif passphrase is None:
            raise PassphraseError(f"{path}: is sealed with a passphrase; give it (此密钥需要口令)")
        else:
            private_bytes = _unseal(said["sealed"], passphrase)
        private = serialization.load_pem_private_key(private_bytes, None)
    except InvalidTag as error:
        raise PassphraseError(f"{path}: the passphrase is wrong (口令不对)") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ReleaseError(f"{path}: is damaged ({error})") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ReleaseError(f"{path}: is of a kind that is not used here")
    if public_bytes(SSlibKey.from_crypto(private.public_key())) != public_bytes(public):
        raise ReleaseError(f"{path}: its private key is not that of its public key")
    return KeyPair(str(said.get("name", "")), CryptoSigner(private, public))


def is_sealed(path: Path) -> bool:
    """Tell whether the key file needs a passphrase.

    Raises:
        ReleaseError: it is no key file.
    """
    return "sealed" in _read(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ReleaseError(f"{path}: there is no such key file") from error
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path}: is no key file ({error})") from error
    if not isinstance(said, dict) or "public" not in said:
        raise ReleaseError(f"{path}: is no key file")
    return said


def _public(said: dict[str, Any], path: Path) -> SSlibKey:
    try:
        key = Key.from_dict(said["keyid"], dict(said["public"]))
        if not isinstance(key, SSlibKey) or key.keytype != "ed25519":
            raise ReleaseError(f"{path}: is of a kind that is not used here")
        plain = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public_bytes(key)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReleaseError(f"{path}: holds no public key") from error
    if plain.keyid != key.keyid:
        raise ReleaseError(f"{path}: its public key is not the one that it claims to be")
    return _named(plain, name_of(key))


def _seal(private: bytes, passphrase: str, cost: int) -> dict[str, Any]:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_stretch(passphrase, salt, cost)).encrypt(nonce, private, None)
    return {"scrypt_n": cost, "salt": _text(salt), "nonce": _text(nonce), "data": _text(sealed)}


def _unseal(sealed: dict[str, Any], passphrase: str) -> bytes:
    salt, nonce, data = (base64.b64decode(sealed[name]) for name in ("salt", "nonce", "data"))
    cost = sealed["scrypt_n"]
    if type(cost) is not int or not 2 <= cost <= _MOST_COST:
        raise ValueError("its scrypt cost is out of range")
    return AESGCM(_stretch(passphrase, salt, cost)).decrypt(nonce, data, None)


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()

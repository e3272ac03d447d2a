"""Key files: a passphrase opens them, nothing else does, and none is ever overwritten."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from signage.release.errors import ReleaseError
from signage.release.keys import (
    PassphraseError,
    is_sealed,
    load_key,
    name_of,
    new_key,
    public_text,
    read_public,
    save_key,
)
from tests.office.desk import COST, PASSPHRASE


def test_a_sealed_key_opens_with_its_passphrase_and_signs(tmp_path: Path) -> None:
    key = new_key("李")
    save_key(tmp_path / "li.key", key, PASSPHRASE, COST)

    opened = load_key(tmp_path / "li.key", PASSPHRASE)

    key.public.verify_signature(opened.signer.sign(b"text"), b"text")
    assert (opened.name, name_of(opened.public)) == ("李", "李")


@pytest.mark.parametrize("passphrase", ["another passphrase", "", None])
def test_without_the_passphrase_it_stays_shut(tmp_path: Path, passphrase: str | None) -> None:
    save_key(tmp_path / "li.key", new_key("li"), PASSPHRASE, COST)

    with pytest.raises(PassphraseError):
        load_key(tmp_path / "li.key", passphrase)


def test_the_file_holds_no_private_key_in_clear_and_is_its_owners_alone(tmp_path: Path) -> None:
    key = new_key("li")

    save_key(tmp_path / "li.key", key, PASSPHRASE, COST)

    assert b"PRIVATE" not in (tmp_path / "li.key").read_bytes()
    assert stat.S_IMODE((tmp_path / "li.key").stat().st_mode) == 0o600
    assert is_sealed(tmp_path / "li.key")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    save_key(tmp_path / "li.key", new_key("li"), PASSPHRASE, COST)

    with pytest.raises(ReleaseError, match="never overwritten"):
        save_key(tmp_path / "li.key", new_key("li"), PASSPHRASE, COST)


def test_a_short_passphrase_seals_nothing(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="8"):
        save_key(tmp_path / "li.key", new_key("li"), "short", COST)

    assert not (tmp_path / "li.key").exists()


def test_the_public_part_travels_alone(tmp_path: Path) -> None:
    key = new_key("li")
    (tmp_path / "li.key.pub").write_text(public_text(key.public), "utf-8")

    public = read_public(tmp_path / "li.key.pub")

    assert public.keyid == key.public.keyid
    assert name_of(public) == "li"
    with pytest.raises(ReleaseError):
        load_key(tmp_path / "li.key.pub", PASSPHRASE)


@pytest.mark.parametrize("text", ["", "{}", "[]", "key", '{"public": {}, "keyid": "x"}', '{"public": 5, "keyid": 5}'])
def test_what_is_no_key_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.key").write_text(text, "utf-8")

    with pytest.raises(ReleaseError):
        load_key(tmp_path / "x.key", PASSPHRASE)


def test_a_key_file_with_anothers_public_key_is_refused(tmp_path: Path) -> None:
    save_key(tmp_path / "li.key", new_key("li"), PASSPHRASE, COST)
    said = json.loads((tmp_path / "li.key").read_text("utf-8"))
    other = new_key("wang").public
    said |= {"keyid": other.keyid, "public": other.to_dict()}
    (tmp_path / "li.key").write_text(json.dumps(said), "utf-8")

    with pytest.raises(ReleaseError, match="not that of its public key"):
        load_key(tmp_path / "li.key", PASSPHRASE)


def test_a_cost_that_would_hang_the_machine_is_refused(tmp_path: Path) -> None:
    save_key(tmp_path / "li.key", new_key("li"), PASSPHRASE, COST)
    said = json.loads((tmp_path / "li.key").read_text("utf-8"))
    said["sealed"]["scrypt_n"] = 2**30
    (tmp_path / "li.key").write_text(json.dumps(said), "utf-8")

    with pytest.raises(ReleaseError, match="out of range"):
        load_key(tmp_path / "li.key", PASSPHRASE)

"""A draft and a person in, the draft with one signature more out; published when that was the last, or returned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from signage.base.errors import SignageError
from signage.office.drafts import (
    Draft,
    DraftState,
    draft_numbers,
    draft_path,
    load_draft,
    save_draft,
    with_signatures,
)
from signage.office.office import Office
from signage.office.publish import Published, finish, kept_releases, number_on_air
from signage.release.errors import ReleaseError
from signage.release.keys import KeyPair, name_of
from signage.release.repository import delegated


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What the list of drafts says of one."""

    number: int
    state: DraftState
    made_ms: int
    note: str
    why: str
    signed_by: dict[str, list[str]]
    missing: dict[str, int]
    by: str = ""


def list_drafts(office: Office) -> list[DraftLine]:
    """Give every draft that is kept, oldest first."""
    return [_line(office, load_draft(draft_path(office.drafts, number))) for number in draft_numbers(office.drafts)]


def _line(office: Office, draft: Draft) -> DraftLine:
    targets = office.repository.targets().signed
    state = draft.state
    if state is DraftState.SUBMITTED and draft.number <= number_on_air(office):
        # A command that was killed right after it had published could not note it any more.
        state = DraftState.APPROVED if draft.number in kept_releases(office) else DraftState.SUPERSEDED
    return DraftLine(
        draft.number,
        state,
        draft.made_ms,
        draft.note,
        draft.why,
        draft.signed_by(targets),
        draft.missing(targets) if state is DraftState.SUBMITTED else {},
        draft.by,
    )


def approve(
    office: Office, number: int, name: str, key_path: Path | None = None, *, seen: str | None = None
) -> Published:
    """Sign a draft of this office as a person, and publish it if every level has signed then.

    `seen` is the `Draft.digest` of what the person was shown: nothing else is signed.

    Raises:
        ReleaseError: the draft is returned or too old, the person is of no level, or has signed already.
    """
    path = draft_path(office.drafts, number)
    if not path.exists():
        raise SignageError(f"{path}: there is no such draft; see signage review")
    key = office.open_key(name, key_path)  # asks for its passphrase before others are kept waiting
    with office.repository.locked():
        draft = load_draft(path)
        _require_seen(draft, seen)
        draft = replace(draft, targets=office.repository.targets())
        return finish(office, sign_draft(draft, name, key))


def approve_copy(
    office: Office, path: Path, name: str, key_path: Path | None = None, *, seen: str | None = None
) -> Draft:
    """Sign a draft's file on any machine: nothing but the file and the person's key is needed.

    Raises:
        ReleaseError: as `approve`, or the file was changed.
    """
    draft = load_draft(path)
    _require_seen(draft, seen)
    draft = sign_draft(draft, name, office.open_key(name, key_path))
    save_draft(path, draft)
    return draft


def take_signatures(office: Office, path: Path, *, not_of: Collection[str] = ()) -> Published:
    """Take the signatures that a copied draft has brought back, and publish if every level has signed then.

    Signatures of the people `not_of` are not taken: four eyes.

    Raises:
        ReleaseError: it is no copy of a draft that waits here, or brings nothing new.
    """
    with office.repository.locked():
        copy = load_draft(path)
        draft = replace(load_draft(draft_path(office.drafts, copy.number)), targets=office.repository.targets())
        _require_open(draft)
        signed = with_signatures(draft, copy)
        came = {
            name for role, names in signed.signed_by().items() for name in set(names) - set(draft.signed_by()[role])
        }
        if not came:
            raise ReleaseError(f"draft {copy.number}: the file brings no new signature (文件里没有新的签名)")
        if barred := sorted(came & set(not_of)):
            raise ReleaseError(f"{', '.join(barred)}: may not approve this draft (不能审核自己提交的内容)")
        return finish(office, signed)


def sign_draft(draft: Draft, name: str, key: KeyPair) -> Draft:
    """Give the draft with this person's signature for the level that the person is of.

    Raises:
        ReleaseError: the draft is not open, or the person may not sign it, or has.
    """
    _require_open(draft)
    for role, metadata in draft.roles.items():
        people = delegated(draft.targets.signed, role)[1]
        person = next((one for one in people if one.keyid == key.public.keyid), None)
        if person is None:
            continue
        if name_of(person) != name:
            raise ReleaseError(f"this key is that of '{name_of(person)}', not of '{name}' (密钥与姓名不符)")
        if name in draft.signed_by()[role]:
            raise ReleaseError(f"{name} has approved draft {draft.number} already (已经通过，无需重复)")
        metadata.sign(key.signer, append=True)
        return draft
    raise ReleaseError(f"{name}: this key is of no review level of draft {draft.number} (此密钥不属于任何审核级别)")


def return_draft(office: Office, number: int, why: str) -> None:
    """Send a draft back: it can never be published; what was wrong is mended in the store and published anew.

    Raises:
        ReleaseError: it is not open.
    """
    with office.repository.locked():
        draft = load_draft(draft_path(office.drafts, number))
        _require_open(draft)
        if not why.strip():
            raise ReleaseError("say why it is returned (请写明退回的原因)")
        returned = replace(draft, state=DraftState.RETURNED, why=why.strip())
        save_draft(draft_path(office.drafts, number), returned)


def _require_seen(draft: Draft, seen: str | None) -> None:
    if seen is not None and draft.digest() != seen:
        raise ReleaseError(
            f"draft {draft.number}: is not what you were shown; nothing was signed; look at it again with "
            "signage review (草稿与所见不一致，未签署，请重新查看)"
        )


def _require_open(draft: Draft) -> None:
    if draft.state is not DraftState.SUBMITTED:
        raise ReleaseError(f"draft {draft.number}: is {draft.state} and cannot be changed ({draft.state.title_zh})")

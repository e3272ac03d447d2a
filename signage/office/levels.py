"""An office and how many review levels it wants from now on in, changed trust out: fewer levels, or none.

Made by two signatures: that of targets, which says whose approval counts, and that of root, whose chain every screen
follows and nobody can shorten, so that who looks at it later sees when there was less review (`deploy/decisions`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tuf.api.metadata import Metadata, Root, Targets

from signage.office.drafts import DraftState, compared_with, draft_numbers, draft_path, load_draft, save_draft
from signage.office.office import Office
from signage.office.people import RELEASE_KEY, is_still_signed
from signage.office.publish import next_number, number_on_air, on_air
from signage.office.resigning import finish_root, is_own, new_version, next_targets, signed_by
from signage.release.errors import ReleaseError
from signage.release.keys import KeyPair, name_of, new_key
from signage.release.layout import manifest_target, review_role
from signage.release.repository import Change, delegated
from signage.release.trust import CUSTOM, custom_of


@dataclass(frozen=True, slots=True)
class Lowered:
    """What came of it: the levels before and now, who approves nothing any more, which drafts were returned.

    `number` is the new number of what is on air, where the office had to sign it in its reviewers' place; else None.
    `is_unsigned` where nobody's signature on it counts now: it has to be published once more.
    """

    before: int
    after: int
    people: tuple[str, ...]
    returned: tuple[int, ...]
    number: int | None = None
    is_unsigned: bool = False


def review_levels(office: Office) -> int:
    """Give how many levels of people review; 0 where the office's own key signs releases."""
    if any(is_own(key, RELEASE_KEY) for key in office.repository.delegated(review_role(1))[1]):
        return 0
    return office.repository.levels()


def lower_levels(office: Office, levels: int) -> Lowered:
    """Have fewer levels from now on: the last ones go. With none, the office's own release key signs.

    What is on air stays on air. Drafts that wait were made for more levels and are returned, with the reason in them.

    Raises:
        ReleaseError: there are not more levels than that; or the keys of root and targets are not here.
    """
    for role in ("root", "targets"):
        office.top_signers(role)  # asked for before others are kept waiting
    with office.repository.locked():
        before = review_levels(office)
        if not 0 <= levels < before:
            raise ReleaseError(
                f"there are {before} review levels; {levels} is not fewer; a level is added with its first reviewer: "
                f"signage keys add-reviewer NAME --level {before + 1} (现在有 {before} 级审核，只能改得更少)"
            )
        targets = office.repository.targets()
        people = _drop(targets.signed, levels)
        change = Change(root=_noted_root(office, levels))
        if not levels:
            own = _release_key(office)
            people += _hand_over(targets.signed, own)
            change.roles = _signed_in_their_place(office, own)
        change.targets = next_targets(office, targets, office.top_signers("targets"))
        office.repository.commit(change, office.online_signers())
        returned = return_drafts(office, f"审核级数由 {before} 级改为 {levels} 级，请重新提交")
    number = number_on_air(office) if change.roles else None
    is_unsigned = not levels and number is None and number_on_air(office) > 0
    return Lowered(before, levels, tuple(people), tuple(returned), number, is_unsigned)


def return_drafts(office: Office, why: str) -> list[int]:
    """Return every draft that waits and can be published no more as it is; give their numbers. Under the lock."""
    returned = []
    for number in draft_numbers(office.drafts):
        if number <= number_on_air(office):
            continue
        draft = load_draft(draft_path(office.drafts, number))
        if draft.state is DraftState.SUBMITTED:
            save_draft(draft_path(office.drafts, number), replace(draft, state=DraftState.RETURNED, why=why))
            returned.append(number)
    return returned


def noted_levels(root: Root) -> int | None:
    """Give the number of levels that root was told of last; None where they were never lowered."""
    levels = custom_of(root).get("levels")
    return levels if type(levels) is int else None


def _drop(targets: Targets, levels: int) -> list[str]:
    """Take the levels above the wanted out, and at least one stays as a role; give whose they were."""
    kept, people = max(levels, 1), []
    roles = (targets.delegations.roles if targets.delegations else None) or {}
    level = kept + 1
    while (role := review_role(level)) in roles:
        for key in delegated(targets, role)[1]:
            people.append(name_of(key))
            targets.revoke_key(key.keyid, role)
        del roles[role]
        level += 1
    targets.unrecognized_fields[CUSTOM] = {"levels": kept}
    return people


def _noted_root(office: Office, levels: int) -> Metadata[Root]:
    root = office.repository.root()
    root.signed.unrecognized_fields[CUSTOM] = {**custom_of(root.signed), "levels": levels}
    finish_root(office, root)
    return signed_by(root, office.top_signers("root"))


def _release_key(office: Office) -> KeyPair:
    if office.key_path(RELEASE_KEY).exists():
        return new_version(office, RELEASE_KEY)
    key = new_key(RELEASE_KEY)
    office.keep_key(key)
    return key


def _hand_over(targets: Targets, own: KeyPair) -> list[str]:
    """Put the office's key in the place of everybody of level 1; give who that was."""
    role = review_role(1)
    found, people = delegated(targets, role)
    targets.add_key(own.public, role)
    for key in people:
        targets.revoke_key(key.keyid, role)
    found.threshold = 1
    return [name_of(key) for key in people]


def _signed_in_their_place(office: Office, own: KeyPair) -> dict[str, Metadata[Targets]]:
    """Sign what is on air, which its reviewers approved, with the key that counts from now on: screens go on.

    What they approved with keys that count no more, the office does not approve for them: it has to be published anew.
    """
    role = review_role(1)
    now = office.repository.role(role)
    levels = range(1, office.repository.levels() + 1)
    if now is None or not all(is_still_signed(office, review_role(level)) for level in levels):
        return {}
    before = on_air(office)
    targets = Targets(
        version=next_number(office),
        expires=office.repository.expiry(role),
        targets={manifest_target(1, channel): now.signed.targets[manifest_target(1, channel)] for channel in before},
        unrecognized_fields=compared_with(before),
    )
    return {role: signed_by(Metadata(targets), [own.signer])}

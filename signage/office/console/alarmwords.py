"""An alarm in, what an English page says of it out: by its own words, else by its kind."""

from __future__ import annotations

from signage.office.alarms import OFFICE, Alarm
from signage.office.screens.states import State

_SCREEN = {
    **{str(state): state.en for state in State},
    "disk": "Its disk is nearly full",
    "hot": "It is running hot",
    "memory": "It is short of memory",
    "unsaid": "It does not say what it shows",
    "stands-in": "Some of its content cannot be shown",
}
_OFFICE = {
    "disk": "A disk of the office PC, or the shared folder's, is missing or nearly full",
    "scan": "The shared folder cannot be read, or has not been checked for long",
    "signatures": "The office's signatures expire soon or have expired; renew them under Settings",
    "backup": "The nightly backup failed",
    "direct": "Direct publishing is held up; some changes are not published yet",
    "webhook": "Alarms cannot be sent on; check the network and the alarm address under Settings",
}


def english_of(alarm: Alarm) -> str:
    """Give the alarm in English; its own Chinese where it has no English and its kind is not known here."""
    if alarm.message_en:
        return alarm.message_en
    if alarm.subject == OFFICE:
        return _OFFICE.get(alarm.kind, alarm.message)
    said = _SCREEN.get(alarm.kind)
    title = alarm.message.partition("：")[0]
    return f"{title}: {said}" if said else alarm.message

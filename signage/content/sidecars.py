"""The bytes of `photo.jpg.yaml` in, what it says of the file beside it out: what an entry of a playlist could say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError, create_model

from signage.base.errors import Problem
from signage.base.yaml import parse
from signage.content import faults
from signage.content.cardmodels import CARD_MODELS
from signage.content.drafts import Show
from signage.content.filemodels import EntryModel
from signage.content.notices import TEMPLATE

_CARD_KEYS = ("office", "date")


class PlainSidecar(EntryModel):
    """What a sidecar may say of a picture, a film or a document."""


_NOTICE_FIELDS = {key: CARD_MODELS[TEMPLATE].model_fields[key] for key in _CARD_KEYS}
NoticeSidecar: type[EntryModel] = create_model(  # type: ignore[call-overload]
    "NoticeSidecar", __base__=EntryModel, **{key: (found.annotation, found) for key, found in _NOTICE_FIELDS.items()}
)
"""What a sidecar may say of a text file: also who gives notice, and when."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar says; where it says nothing, None. When `is_broken`, only `problems` counts."""

    show: Show = field(default_factory=Show)
    card_fields: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def is_broken(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


def read_sidecar(raw: bytes, file: str, *, is_of_text: bool) -> Sidecar:
    """Give what the sidecar says; `file` is its name for Problems."""
    document = parse(raw, file)
    problems = list(document.problems)
    value = document.value
    if document.is_broken or value is None:
        return Sidecar(problems=tuple(problems))
    model_type = NoticeSidecar if is_of_text else PlainSidecar
    if isinstance(value, dict):
        problems += faults.empty_keys(value, file, document)
    try:
        model = model_type.model_validate(value)
    except ValidationError as error:
        problems += faults.problems_of(error, file, document, (), {0: faults.keys_of(model_type)})
        return Sidecar(problems=tuple(sorted(set(problems))))
    if model.from_date and model.until_date and model.until_date < model.from_date:
        line = document.line_of(["until"])
        problems.append(Problem(file, line, "until: lies before 'from'", message_zh="until：早于 from"))
    said = {key: text for key in _CARD_KEYS if (text := getattr(model, key, None))}
    show = Show(model.seconds, model.fit, model.transition, model.from_date, model.until_date)
    return Sidecar(show, said, tuple(sorted(set(problems))))

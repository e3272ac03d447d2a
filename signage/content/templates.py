"""The fields that each card template takes, as pure data: what staff may write, what the reader checks, what is drawn.

`Card.fields` holds exactly these names. The reader has already put them in order: texts are stripped and not empty,
a DATE is `YYYY-MM-DD`, a DATE_OR_TEXT is `YYYY-MM-DD` or free text, photos are paths relative to `media/` of checked
pictures, other names (`Field.other_names`) are replaced by the field's own. A field that was left out is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """The shape of a field's value in `Card.fields`."""

    LINE = "line"  # str without line breaks
    TEXT = "text"  # str, paragraphs separated by line breaks
    DATE = "date"  # str, YYYY-MM-DD
    DATE_OR_TEXT = "date or text"  # str, YYYY-MM-DD where it is a date, else as written (2026年10月)
    PHOTO = "photo"  # str, relative to media/
    PHOTOS = "photos"  # list[str]; a single path is accepted
    CHOICE = "choice"  # str, one of `choices`
    LINK = "link"  # str, an address of the web
    PEOPLE = "people"  # list[{"name": str, "photo"?: str, "reason"?: str}]; a bare name is accepted
    COLUMNS = "columns"  # list[str]
    ROWS = "rows"  # list[list[str]], each as long as `columns`


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `limit` is the most characters of a text, or the most entries of a list."""

    name: str
    type: FieldType
    zh: str
    en: str
    limit: int = 60
    is_required: bool = False
    other_names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def label_en(self) -> str:
        """Give the English as the label of a form has it."""
        return self.en[:1].upper() + self.en[1:]


@dataclass(frozen=True, slots=True)
class Template:
    """One template: its fields in the order in which a person would fill them. The first one names the card."""

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]

    @property
    def label_en(self) -> str:
        """Give the name as an English reader knows it: `Work update`."""
        return self.name.replace("-", " ").capitalize()

    def field(self, name: str) -> Field | None:
        """Give the field that is called `name`, by its own or another name."""
        return next((field for field in self.fields if name == field.name or name in field.other_names), None)


PATTERNS = ("pomegranate", "brocade", "cloud", "lattice")
"""The drawn backgrounds of a unity poster."""

PATTERN_WORDS: Mapping[str, tuple[str, str]] = {
    "pomegranate": ("石榴", "pomegranate"),
    "brocade": ("织锦", "brocade"),
    "cloud": ("祥云", "auspicious clouds"),
    "lattice": ("窗格", "window lattice"),
}
"""What people call each of them, in Chinese and English."""

SCRIPTS = ("yi", "tibetan", "uyghur", "mongolian", "english")
"""The fields of a unity poster that say its headline again in another script."""


def _body(limit: int = 3000, *, is_required: bool = False) -> Field:
    return Field("body", FieldType.TEXT, "正文", "text", limit, is_required, other_names=("text",))


def _title(zh: str, en: str) -> Field:
    return Field("title", FieldType.LINE, zh, en, is_required=True, other_names=("headline",))


_DATE = Field("date", FieldType.DATE_OR_TEXT, "日期", "date", 30)

_ALL = (
    Template(
        "work-update",
        "工作动态",
        "what the community office did or will do",
        (
            Field("headline", FieldType.LINE, "标题", "headline", is_required=True, other_names=("title",)),
            _DATE,
            _body(1000),
            Field("photos", FieldType.PHOTOS, "照片", "one to four photos", 4, other_names=("photo",)),
        ),
    ),
    Template(
        "civility",
        "文明倡议",
        "a short appeal for good public conduct, large",
        (
            Field(
                "text", FieldType.TEXT, "标语", "the appeal", 120, is_required=True, other_names=("headline", "body")
            ),
            Field("by", FieldType.LINE, "署名", "who signs it", 40),
        ),
    ),
    Template(
        "unity-poster",
        "民族团结海报",
        "a headline in Chinese and other scripts, with a picture or a pattern",
        (
            Field(
                "headline", FieldType.LINE, "标题", "headline in Chinese", 40, is_required=True, other_names=("title",)
            ),
            Field("yi", FieldType.LINE, "彝文", "the headline in Yi", 80),
            Field("tibetan", FieldType.LINE, "藏文", "the headline in Tibetan", 120),
            Field("uyghur", FieldType.LINE, "维吾尔文", "the headline in Uyghur", 120),
            Field("mongolian", FieldType.LINE, "蒙古文", "the headline in Mongolian", 120),
            Field("english", FieldType.LINE, "英文", "the headline in English", 120),
            Field("picture", FieldType.PHOTO, "图片", "a picture as background", other_names=("photo",)),
            Field("pattern", FieldType.CHOICE, "图案", "a drawn background", choices=PATTERNS),
        ),
    ),
    Template(
        "notice",
        "通知公告",
        "a public notice; several pages when long",
        (
            _title("标题", "title"),
            _body(6000, is_required=True),
            Field("office", FieldType.LINE, "发布单位", "the office that gives notice", 60),
            _DATE,
            Field("link", FieldType.LINK, "网址", "an address, shown as a QR code", 300, other_names=("qr",)),
        ),
    ),
    Template(
        "alert",
        "紧急通知",
        "a warning that stands out from everything else",
        (
            _title("标题", "title"),
            _body(600),
            Field("office", FieldType.LINE, "发布单位", "the office that warns", 60),
            _DATE,
        ),
    ),
    Template(
        "event",
        "活动预告",
        "what happens, when and where, with a countdown",
        (
            _title("活动名称", "what happens"),
            Field("when", FieldType.LINE, "时间", "when, as people say it", 60),
            Field("where", FieldType.LINE, "地点", "where", 60),
            Field("date", FieldType.DATE, "日期", "the day to count down to", other_names=("countdown_to",)),
            Field("text", FieldType.TEXT, "说明", "more about it", 600, other_names=("body",)),
            Field("photo", FieldType.PHOTO, "照片", "one photo", other_names=("picture",)),
        ),
    ),
    Template(
        "honours",
        "光荣榜",
        "people who are honoured, with photos and the reason",
        (
            _title("标题", "title"),
            Field("people", FieldType.PEOPLE, "人员", "the people", 60, is_required=True),
            Field("reason", FieldType.TEXT, "事由", "why they are honoured", 300),
        ),
    ),
    Template(
        "table",
        "公开表格",
        "a table for the disclosure of affairs and finance; several pages when long",
        (
            _title("标题", "title"),
            Field("columns", FieldType.COLUMNS, "列名", "the heads of the columns", 8, is_required=True),
            Field("rows", FieldType.ROWS, "各行", "the rows, each as long as the columns", 200, is_required=True),
            Field("note", FieldType.TEXT, "备注", "a note below the table", 300),
            _DATE,
        ),
    ),
    Template(
        "slate",
        "待机画面",
        "the built-in picture when nothing can play",
        (Field("title", FieldType.LINE, "标题", "title"),),
    ),
    Template(
        "ticker",
        "滚动字幕",
        "one line of scrolling text (zone ticker only)",
        (Field("text", FieldType.LINE, "文字", "the text", 500, is_required=True),),
    ),
)

TEMPLATES: Mapping[str, Template] = {template.name: template for template in _ALL}

STAFF_TEMPLATES = tuple(name for name in TEMPLATES if name not in ("slate", "ticker"))
"""The names that `template:` takes in a playlist."""

CELL_CHARACTERS = 120
"""The most characters of one cell of a table, one column's head, or a person's name."""

PEOPLE_FIELDS = ("name", "photo", "reason")
"""What one of the `people` of `honours` may say; `name` is required."""

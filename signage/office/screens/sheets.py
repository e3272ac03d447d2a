"""A report in, a table for Excel out: CSV, or XLSX with a sheet for each part."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from signage.office.asrunwords import item_words, outcome_words, reason_words
from signage.office.cells import plain_cell
from signage.office.said import Said, named
from signage.office.screens.proof import Report
from signage.office.screens.totals import Grouping, Sum
from signage.office.whenwords import ZONES

Row = Sequence[str | int | float | date]
_NONE = Said("（无播放列表）", "(no playlist)")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the table: `zh` or `en`, and what this office calls its screens and playlists, by name."""

    language: str
    screens: Mapping[str, str]
    playlists: Mapping[str, str]

    def t(self, zh: str, en: str) -> str:
        return self.said(Said(zh, en))

    def said(self, what: Said) -> str:
        return what.within(self.language)


def as_csv(report: Report, reader: Reader) -> bytes:
    """Give the table as CSV in UTF-8 with a mark, by which Excel knows it. Source: RFC 4180.

    A text that a table program would take for a formula gets a quote before it: names come from files of many people.
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([*_head(report, reader), _internal(reader)])
    for row in _rows(report, reader):
        writer.writerow([plain_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return codecs.BOM_UTF8 + stream.getvalue().encode()


def as_xlsx(report: Report, reader: Reader) -> bytes:
    """Give the whole report: the table, planned against shown, by day, and what went wrong."""
    stream, t = io.BytesIO(), reader.t
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold, share = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "0.0%"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})

        def add(name: str, head: Sequence[str], rows: Iterable[Row], percent: int | None = None) -> None:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, head, bold)
            for at, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    sheet.write(
                        at, column, cell, day if isinstance(cell, date) else share if column == percent else None
                    )
            sheet.set_column(0, 0, 42)
            sheet.set_column(1, len(head), 14)

        add(t("播出统计", "Shown"), [*_head(report, reader), _internal(reader)], _rows(report, reader))
        add(t("计划与实际", "Planned and shown"), _coverage_head(reader), _coverage_rows(report, reader), 5)
        day_head = [t("日期", "Date"), *_head(report, reader)[1:]]
        add(t("按日", "By day"), day_head, ((date.fromisoformat(one.label), *_counts(one)) for one in report.by_day))
        mishap_head = [t("原因", "Reason"), t("结果", "Outcome"), t("次数", "Times"), _internal(reader)]
        add(t("中断与失败", "Cut and failed"), mishap_head, _mishap_rows(report, reader))
    return stream.getvalue()


def _internal(reader: Reader) -> str:
    """Give the head of the column that no language and no new title changes: other programs go by it."""
    return reader.t("内部名", "Internal name")


def _head(report: Report, reader: Reader) -> list[str]:
    t = reader.t
    first = {
        Grouping.ITEM: t("素材", "Item"),
        Grouping.PLAYLIST: t("播放列表", "Playlist"),
        Grouping.SCREEN: t("屏幕", "Screen"),
    }[report.query.by]
    return [
        first,
        t("播完次数", "Shown"),
        t("切走次数", "Cut"),
        t("失败次数", "Failed"),
        t("总时长（秒）", "On screen (s)"),
    ]


def _rows(report: Report, reader: Reader) -> Iterable[Row]:
    called: Callable[[str], Said] = {
        Grouping.ITEM: item_words,
        Grouping.PLAYLIST: lambda name: named(reader.playlists.get(name) or name) if name else _NONE,
        Grouping.SCREEN: lambda name: named(reader.screens.get(name) or name),
    }[report.query.by]
    return ((reader.said(called(one.label)), *_counts(one), one.label) for one in report.rows)


def _counts(one: Sum) -> Row:
    return (one.shown, one.cut, one.failed, round(one.shown_ms / 1000, 1))


def _mishap_rows(report: Report, reader: Reader) -> Iterable[Row]:
    for one in report.mishaps:
        words, outcome = reader.said(reason_words(one.reason)), reader.said(outcome_words(one.outcome))
        yield words, outcome, one.count, one.reason


def _coverage_head(reader: Reader) -> list[str]:
    t = reader.t
    return [
        t("屏幕", "Screen"),
        t("区域", "Zone"),
        t("计划播出位", "Planned slots"),
        t("缺失播出位", "Missing slots"),
        t("计划时长（秒）", "Planned (s)"),
        t("覆盖率", "Coverage"),
        t("迟到中位数（毫秒）", "Late, median (ms)"),
        t("迟到95分位（毫秒）", "Late, p95 (ms)"),
        _internal(reader),
    ]


def _coverage_rows(report: Report, reader: Reader) -> Iterable[Row]:
    for one in report.coverage:
        late = [value if value is not None else "" for value in (one.late_median_ms, one.late_p95_ms)]
        yield (
            reader.screens.get(one.screen) or one.screen,
            reader.said(ZONES.get(one.zone, named(one.zone))),
            one.planned,
            one.missing,
            round(one.planned_ms / 1000),
            one.share,
            *late,
            f"{one.screen}/{one.zone}",
        )

"""A report in, a table for Excel out: CSV, or XLSX with a sheet for each part."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import xlsxwriter

from signage.office.cells import plain_cell
from signage.office.screens.proof import Report
from signage.office.screens.totals import Grouping, Sum

Words = Callable[[str, str], str]
Row = Sequence[str | int | float | date]


def as_csv(report: Report, t: Words) -> bytes:
    """Give the table as CSV in UTF-8 with a mark, by which Excel knows it. Source: RFC 4180.

    A text that a table program would take for a formula gets a quote before it: names come from files of many people.
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_head(report, t))
    for row in _rows(report):
        writer.writerow([plain_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return codecs.BOM_UTF8 + stream.getvalue().encode()


def as_xlsx(report: Report, t: Words) -> bytes:
    """Give the whole report: the table, planned against shown, by day, and what went wrong."""
    stream = io.BytesIO()
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

        add(t("播出统计", "Shown"), _head(report, t), _rows(report))
        add(t("计划与实际", "Planned and shown"), _coverage_head(t), _coverage_rows(report, t), 5)
        day_head = [t("日期", "Date"), *_head(report, t)[1:]]
        add(t("按日", "By day"), day_head, ((date.fromisoformat(one.label), *_cells(one)[1:]) for one in report.by_day))
        outcomes = {"cut": t("切走", "cut"), "failed": t("没放出来", "failed")}
        mishap_head = [t("原因", "Reason"), t("结果", "Outcome"), t("次数", "Times")]
        add(
            t("中断与失败", "Cut and failed"),
            mishap_head,
            ((m.reason, outcomes.get(m.outcome, m.outcome), m.count) for m in report.mishaps),
        )
    return stream.getvalue()


def _head(report: Report, t: Words) -> list[str]:
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


def _rows(report: Report) -> Iterable[Row]:
    return (_cells(one) for one in report.rows)


def _cells(one: Sum) -> Row:
    return (one.label, one.shown, one.cut, one.failed, round(one.shown_ms / 1000, 1))


def _coverage_head(t: Words) -> list[str]:
    return [
        t("屏幕", "Screen"),
        t("区域", "Zone"),
        t("计划播出位", "Planned slots"),
        t("缺失播出位", "Missing slots"),
        t("计划时长（秒）", "Planned (s)"),
        t("覆盖率", "Coverage"),
        t("迟到中位数（毫秒）", "Late, median (ms)"),
        t("迟到95分位（毫秒）", "Late, p95 (ms)"),
    ]


def _coverage_rows(report: Report, t: Words) -> Iterable[Row]:
    zones = {"main": t("主画面", "Main"), "ticker": t("滚动字幕", "Ticker"), "side": t("侧栏", "Side")}
    for one in report.coverage:
        late = [value if value is not None else "" for value in (one.late_median_ms, one.late_p95_ms)]
        yield (
            one.screen,
            zones.get(one.zone, one.zone),
            one.planned,
            one.missing,
            round(one.planned_ms / 1000),
            one.share,
            *late,
        )

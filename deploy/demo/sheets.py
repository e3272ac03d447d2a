"""The monthly disclosure comes out as a PDF of three pages with real text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from demo.paint import SANS, SERIF, tint

DOTS_PER_INCH = 144
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Sheet:
    """One page: a table whose columns take `shares` of its width; the columns in `sums` are set to the right."""

    title: str
    month: str
    shares: Sequence[float]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str
    sums: Sequence[int] = ()


SHEETS: Sequence[Sheet] = (
    Sheet(
        "党务公开",
        "2026 年 10 月",
        (0.16, 0.48, 0.36),
        ("日期", "事项", "结果"),
        (
            ("10 月 9 日", "支部党员大会：学习与民主评议", "应到 43 人，实到 39 人"),
            ("10 月 15 日", "主题党日：帮独居老人洗纱窗", "走访 21 户，办结 17 件"),
            ("10 月 20 日", "预备党员转正公示（5 个工作日）", "2 人，无异议"),
            ("10 月 28 日", "党员“亮身份、领岗位”", "31 人认领楼栋岗位 31 个"),
            ("每周五", "书记接待日：下午两点到五点", "接待 26 人次，解决 22 件"),
        ),
        "对以上内容有疑问，可到服务大厅 3 号窗口查看原始记录。",
    ),
    Sheet(
        "居务公开",
        "2026 年 10 月",
        (0.26, 0.36, 0.38),
        ("事项", "对象或地点", "进展"),
        (
            ("低保与临时救助", "低保 18 户，临时救助 3 户", "名单在公示栏公示 7 天"),
            ("大门智能道闸", "社区大门", "已安装，试运行中"),
            ("口袋公园", "2 栋东侧三角地", "完工，居民代表验收通过"),
            ("楼道照明", "3、5、8 栋", "更换感应灯 64 盏"),
            ("电动车充电棚", "6 栋北侧", "新增充电位 40 个"),
            ("高龄补贴认证", "80 岁以上老人 112 位", "上门认证 29 位，全部完成"),
        ),
        "11 月计划：天冷防火检查、电取暖器安全检查、青少年寒假托管报名。",
    ),
    Sheet(
        "财务公开",
        "2026 年 10 月（单位：元）",
        (0.3, 0.17, 0.17, 0.36),
        ("科目", "收入", "支出", "经手 / 监督"),
        (
            ("上月结余", "38,462.50", "", "会计"),
            ("惠民项目专项经费", "60,000.00", "", "街道拨付"),
            ("活动室场地使用费", "1,280.00", "", "居务监督委员会"),
            ("口袋公园苗木与石料", "", "32,740.00", "三方比价，居民代表签字"),
            ("楼道感应灯 64 盏", "", "3,776.00", "同上"),
            ("重阳节百家宴食材", "", "4,215.60", "食堂管理小组"),
            ("志愿者保险与手套", "", "1,864.00", "居务监督委员会"),
            ("本月结余", "57,146.90", "", "收支已核对"),
        ),
        "原始票据可在每周三上午到服务大厅查阅。",
        sums=(1, 2),
    ),
)


def write_disclosure(path: Path) -> None:
    """Write the PDF: A4 across, one page for each kind of affairs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = QPdfWriter(str(path))
    writer.setTitle("石榴里社区三务公开 2026 年 10 月")
    writer.setCreator("demo_media.py")
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QSizeF(210, 297), QPageSize.Unit.Millimeter), QPageLayout.Orientation.Landscape, QMarginsF()
        )
    )
    painter = QPainter(writer)
    for number, sheet in enumerate(SHEETS):
        if number:
            writer.newPage()
        _page(painter, QRectF(0, 0, writer.width(), writer.height()), sheet)
    painter.end()
    _forget_the_time(path)


def _forget_the_time(path: Path) -> None:
    """Put a fixed time and id in place of those of this run, so that the file stays the same."""
    raw = path.read_bytes()
    raw = re.sub(rb"D:\d{14}", b"D:20261101090000", raw)
    raw = re.sub(rb"(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d", b"2026-11-01T09:00:00", raw)
    raw = re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"00000000-0000-4000-8000-000000000007", raw)
    raw = re.sub(
        rb"/ID \[[^\]]*\]", lambda found: re.sub(rb"[0-9a-fA-F]", b"0", found.group()).replace(b"/I0", b"/ID"), raw
    )
    path.write_bytes(raw)


def _font(family: str, size_px: float, bold: bool = False) -> QFont:
    font = QFont(family)
    font.setPixelSize(round(size_px))
    font.setBold(bold)
    return font


def _size_that_fits(lines: Sequence[Sequence[str]], widths: Sequence[float], largest_px: float) -> float:
    """Give the largest size in which every cell stays on one line of its column."""
    size_px = largest_px
    for number, line in enumerate(lines):
        for cell, width in zip(line, widths, strict=True):
            wide = QFontMetricsF(_font(SANS, 100, number == 0)).horizontalAdvance(cell)
            size_px = min(size_px, 100 * width / max(wide, 1))
    return size_px


def _head(p: QPainter, page: QRectF, title: str, month: str) -> None:
    wide, tall = page.width(), page.height()
    p.fillRect(page, QColor("#fffaf0"))
    p.fillRect(QRectF(0, 0, wide, tall * 0.16), QColor("#b3261e"))
    p.fillRect(QRectF(0, tall * 0.16, wide, tall * 0.008), QColor("#e8b94a"))
    p.setPen(QColor("#fff3cf"))
    p.setFont(_font(SERIF, tall * 0.075, True))
    p.drawText(QRectF(wide * 0.05, 0, wide * 0.5, tall * 0.16), Qt.AlignmentFlag.AlignVCenter, title)
    p.setFont(_font(SANS, tall * 0.034))
    p.drawText(QRectF(wide * 0.3, 0, wide * 0.65, tall * 0.16), RIGHT, f"石榴里社区居民委员会 · {month}")


def _page(p: QPainter, page: QRectF, sheet: Sheet) -> None:
    wide, tall = page.width(), page.height()
    _head(p, page, sheet.title, sheet.month)
    left, top, across = wide * 0.05, tall * 0.2, wide * 0.9
    lines = (sheet.heads, *sheet.rows)
    step = min(tall * 0.11, tall * 0.68 / len(lines))
    size_px = _size_that_fits(lines, [across * share - step * 0.4 for share in sheet.shares], step * 0.42)
    for number, line in enumerate(lines):
        y, x = top + number * step, left
        fill = "#f0d9a8" if number == 0 else ("#fffdf8", "#fbf1dd")[number % 2]
        p.fillRect(QRectF(left, y, across, step), QColor(fill))
        p.setFont(_font(SANS, size_px, number == 0))
        for column, (share, cell) in enumerate(zip(sheet.shares, line, strict=True)):
            p.setPen(QColor("#6a1a14" if number == 0 else "#2f2320"))
            box = QRectF(x + step * 0.2, y, across * share - step * 0.4, step)
            p.drawText(box, RIGHT if column in sheet.sums else Qt.AlignmentFlag.AlignVCenter, cell)
            x += across * share
        p.setPen(QPen(tint("#b3261e", 0.35), 1.5))
        p.drawLine(QPointF(left, y + step), QPointF(left + across, y + step))
    p.setPen(QColor("#7a4a30"))
    p.setFont(_font(SANS, tall * 0.03))
    p.drawText(QRectF(left, tall * 0.9, across, tall * 0.07), Qt.AlignmentFlag.AlignVCenter, sheet.note)

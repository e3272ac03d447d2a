"""The monthly disclosure comes out as a PDF of three pages with real text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from demo.paint import SANS, SERIF, tint

DOTS_PER_INCH = 144
PAGES: Sequence[tuple[str, str, Sequence[str], Sequence[Sequence[str]], str]] = (
    (
        "党务公开",
        "2026 年 10 月",
        ("日期", "事项", "结果"),
        (
            ("10 月 9 日", "支部党员大会：学习与民主评议", "应到 43 人，实到 39 人"),
            ("10 月 15 日", "主题党日：为独居老人整理旧物、清洗纱窗", "走访 21 户，办结 17 件"),
            ("10 月 20 日", "预备党员转正公示（5 个工作日）", "2 人，无异议"),
            ("10 月 28 日", "党员“亮身份、领岗位”", "31 人认领楼栋岗位 31 个"),
            ("每周五", "书记接待日：下午两点到五点", "接待 26 人次，解决 22 件"),
        ),
        "对以上内容有疑问，可到服务大厅 3 号窗口查看原始记录。",
    ),
    (
        "居务公开",
        "2026 年 10 月",
        ("事项", "对象或地点", "进展"),
        (
            ("低保与临时救助", "低保 18 户，临时救助 3 户", "名单在公示栏公示 7 天"),
            ("大门智能道闸", "社区大门", "已安装，11 月 16 日启用"),
            ("口袋公园", "2 栋东侧三角地", "完工，居民代表验收通过"),
            ("楼道照明", "3、5、8 栋", "更换感应灯 64 盏"),
            ("电动车充电棚", "6 栋北侧", "新增充电位 40 个"),
            ("高龄补贴认证", "80 岁以上老人 112 位", "上门认证 29 位，全部完成"),
        ),
        "11 月计划：天冷防火检查、暖气片义务检修、青少年寒假托管报名。",
    ),
    (
        "财务公开",
        "2026 年 10 月（单位：元）",
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
    for number, (title, month, heads, rows, note) in enumerate(PAGES):
        if number:
            writer.newPage()
        _page(painter, QRectF(0, 0, writer.width(), writer.height()), title, month, heads, rows, note)
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


def _page(
    p: QPainter, page: QRectF, title: str, month: str, heads: Sequence[str], rows: Sequence[Sequence[str]], note: str
) -> None:
    wide, tall = page.width(), page.height()
    p.fillRect(page, QColor("#fffaf0"))
    p.fillRect(QRectF(0, 0, wide, tall * 0.16), QColor("#b3261e"))
    p.fillRect(QRectF(0, tall * 0.16, wide, tall * 0.008), QColor("#e8b94a"))
    p.setPen(QColor("#fff3cf"))
    p.setFont(_font(SERIF, tall * 0.075, True))
    p.drawText(QRectF(wide * 0.05, 0, wide * 0.5, tall * 0.16), Qt.AlignmentFlag.AlignVCenter, title)
    p.setFont(_font(SANS, tall * 0.034))
    right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    p.drawText(QRectF(wide * 0.4, 0, wide * 0.55, tall * 0.16), right, f"石榴里社区居民委员会 · {month}")
    shares = (0.24, 0.16, 0.16, 0.44) if len(heads) == 4 else (0.2, 0.44, 0.36)
    if title == "居务公开":
        shares = (0.26, 0.34, 0.4)
    left, top = wide * 0.05, tall * 0.2
    step = min(tall * 0.11, tall * 0.68 / (len(rows) + 1))
    for number, row in enumerate((heads, *rows)):
        y, x = top + number * step, left
        fill = "#f0d9a8" if number == 0 else ("#fffdf8", "#fbf1dd")[number % 2]
        p.fillRect(QRectF(left, y, wide * 0.9, step), QColor(fill))
        for share, cell in zip(shares, row, strict=True):
            is_sum = len(heads) == 4 and number and 0 < shares.index(share) < 3
            p.setPen(QColor("#6a1a14" if number == 0 else "#2f2320"))
            p.setFont(_font(SANS, step * 0.4, number == 0))
            box = QRectF(x + step * 0.2, y, wide * 0.9 * share - step * 0.4, step)
            p.drawText(box, right if is_sum else Qt.AlignmentFlag.AlignVCenter, cell)
            x += wide * 0.9 * share
        p.setPen(QPen(tint("#b3261e", 0.35), 1.5))
        p.drawLine(int(left), int(y + step), int(left + wide * 0.9), int(y + step))
    p.setPen(QColor("#7a4a30"))
    p.setFont(_font(SANS, tall * 0.03))
    p.drawText(QRectF(left, tall * 0.9, wide * 0.9, tall * 0.07), Qt.AlignmentFlag.AlignVCenter, note)

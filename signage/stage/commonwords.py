"""A text in, the places inside and at the edges of its common words out: so that a headline is not broken in a word.

No dictionary, only what community offices write every day; other words are guessed at by `headline.py`.
"""

from __future__ import annotations

from functools import lru_cache

_WORDS = frozenset(
    """
    社区 居民 居委会 委员 委员会 服务 中心 党群 党建 街道 乡镇 小区 楼栋 楼道 单元 电梯 物业 业主 网格 网格员 支部
    党员 书记 主任 干部 文明 实践 民族 各民族 团结 进步 示范 宣讲 宣传 主题 意识 共同体 新时代 中华 中国 中国梦
    中华民族 人民 同心 石榴 石榴籽 家园 家庭 志愿 志愿者 活动 组织 开展 举行 举办 召开 通知 公告 公示 公开 通报 情况
    关于 财务 收支 党务 居务 事务 项目 补贴 经费 停车 道闸 车位 车牌 充电 充电桩 消防 通道 安全 老旧 改造 启用 仪式
    完成 正式 建成 开放 施工 检修 维修 停水 停电 停气 供水 供电 计划 垃圾 分类 环境 卫生 健康 医保 社保 养老 养老金
    老人 老年 儿童 孩子 学生 青少年 妇女 残疾人 邻里 和谐 和睦 幸福 美丽 美好 生活 文化 文艺 艺术 汇演 晚会 联欢
    联欢会 群众 春节 新春 元宵 端午 中秋 国庆 元旦 重阳 火把节 泼水节 长街宴 画展 展览 图书 电影 培训 讲座 课堂 招聘
    就业 登记 办理 窗口 大厅 时间 地点 电话 疫苗 接种 义诊 体检 献血 捐赠 表彰 先进 个人 集体 最美 光荣榜 楼栋长
    代表 大会 会议 审议 通过 公约 草案 征求 意见 请勿 禁止 高空 抛物 养犬 遛狗 牵绳 粪便 随手 清理 塑料袋 谢谢 我们
    大家 一起 不要 口袋 公园 广场 花园 菜园 步道 健身 信息 公共 屏幕 预警 暴雨 高温 大风 地震 森林 防火 防汛 反诈
    诈骗 禁毒 普法 法律 援助 季度 居民委员会
    """.split()  # noqa: SIM905 (a list of quoted words is no easier to add to)
)
_LONGEST = max(map(len, _WORDS))


@lru_cache(maxsize=256)
def word_places(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Give the places inside common words, and those at which one begins or ends, as counts of characters."""
    inside: set[int] = set()
    edges: set[int] = set()
    at = 0
    while at < len(text):
        length = next((size for size in range(_LONGEST, 1, -1) if text[at : at + size] in _WORDS), 0)
        if length:
            inside.update(range(at + 1, at + length))
            edges |= {at, at + length}
        at += length or 1
    return frozenset(inside), frozenset(edges - inside)

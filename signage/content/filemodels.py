"""What a store's YAML files may say, as pydantic models: every key, its type, its meaning in Chinese and English."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from signage.content.fieldtypes import (
    Date,
    DaysList,
    EntryList,
    FitWord,
    HoursList,
    LayoutWord,
    Limit,
    LunarList,
    MediaPath,
    NameList,
    OneOrMore,
    OrderWord,
    Place,
    Position,
    PriorityWord,
    Rotation,
    Seconds,
    Size,
    SpanList,
    Switch,
    Timezone,
    Title,
    TransitionWord,
    Weight,
    YearList,
    ZoneWord,
)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class EntryModel(_File):
    """What every entry of `play` may say."""

    seconds: Seconds | None = Field(None, description="播放时长（秒） / how long it is shown")
    fit: FitWord | None = Field(
        None, description="contain 完整显示；cover 裁切铺满；stretch 拉伸 / how it fills the screen"
    )
    transition: TransitionWord | None = Field(None, description="cut 直切；fade 淡入淡出；slide 滑动 / how it comes in")
    from_date: Date | None = Field(None, alias="from", description="从哪天起播放 / first date")
    until_date: Date | None = Field(None, alias="until", description="播放到哪天（含） / last date, inclusive")


class FileEntry(EntryModel):
    file: MediaPath = Field(description="media/ 下的文件 / a file of media/")


class FolderEntry(EntryModel):
    folder: MediaPath = Field(description="media/ 下的文件夹 / a folder of media/")
    order: OrderWord = Field("name", description="name 按名称；newest 最新在前；shuffle 随机 / the order")
    limit: Limit | None = Field(None, description="最多播放几个 / at most so many files")


class WindowModel(_File):
    """One entry of `when`: every part that is given must hold."""

    from_date: Date | None = Field(None, alias="from", description="从哪天起 / first date")
    until_date: Date | None = Field(None, alias="until", description="到哪天止（含） / last date, inclusive")
    days: DaysList | None = Field(
        None, description="星期，或 workday 工作日（含调休）、holiday 休息日 / weekdays, or workday, holiday"
    )
    hours: HoursList | None = Field(None, description="每天的时间段，可跨零点 / daily hours, also over midnight")
    lunar: LunarList | None = Field(None, description="农历月-日，如 6-24 火把节 / lunar month-day")


class PlaylistModel(_File):
    """One file of `playlists/`: a complete campaign."""

    title: Title | None = Field(None, description="标题 / title, for people")
    zone: ZoneWord = Field("main", description="main 主画面；side 侧栏；ticker 滚动字幕 / the zone of the layout")
    where: NameList | None = Field(
        None, description="在哪些屏幕播放：屏幕名或标签；不写则全部 / screen names or tags; left out: every screen"
    )
    when: OneOrMore[WindowModel] | None = Field(None, description="何时播放；不写则一直 / when; left out: always")
    weight: Weight | None = Field(None, description="播放占比的权重 / its part of the screen time")
    priority: PriorityWord | None = Field(
        None, description="filler 垫片；normal 普通；special 专题；urgent 紧急 / only the highest that is active plays"
    )
    expires: Date | None = Field(None, description="最后播放日期 / the last date on which it plays")
    play: EntryList = Field(description="播放内容，按顺序 / what plays, in order")


class ScreenModel(_File):
    """One screen of `playlists/screens.yaml`."""

    title: Title | None = Field(None, description="屏幕名称 / title, for people")
    tags: NameList | None = Field(None, description="标签，供 where 选用 / tags, for `where`")
    size: Size | None = Field(None, description="画面像素宽x高，如 960x540 / size of the canvas")
    position: Position | None = Field(None, description="画面在输出信号上的左上角 / its top left corner on the output")
    rotate: Rotation | None = Field(None, description="顺时针旋转角度 / degrees clockwise")
    hours: HoursList | None = Field(None, description="开屏时间段；不写则全天 / hours of the screen; left out: all day")
    layout: LayoutWord | None = Field(
        None, description="full 全屏；banner 上有时钟、下有字幕；side 右侧有通知栏 / layout"
    )
    place: Place | None = Field(None, description="纬度, 经度（用于日出日落） / latitude, longitude")
    timezone: Timezone | None = Field(None, description="时区 / time zone")
    sound: Switch | None = Field(None, description="是否播放声音 / whether films sound")


class CalendarModel(_File):
    """`playlists/calendar.yaml`: the days off and the adjusted workdays that the office knows of."""

    years: YearList | None = Field(None, description="完整收录的年份 / the years that this file covers whole")
    holidays: SpanList | None = Field(None, description="放假日期 / days off, such as 2027-01-01~2027-01-03")
    workdays: SpanList | None = Field(None, description="调休上班日期 / weekend days that are workdays")

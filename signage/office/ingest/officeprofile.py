"""A folder in; LibreOffice's settings and fonts in it out: no macros, nothing fetched, Chinese in Chinese shapes."""

from __future__ import annotations

from pathlib import Path

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{items}
</oor:items>
"""
_ITEM = '<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_INET = "/org.openoffice.Inet/Settings"
_NOWHERE = (
    # The setting below does not hold for old .doc files: what they link is asked for its type, OPTIONS and HEAD, all
    # the same. So all that leaves has to go by a proxy that is not there; end this when LibreOffice asks no more.
    ("ooInetProxyType", "1"),
    ("ooInetNoProxy", ""),
    *((f"ooInet{kind}ProxyName", "127.0.0.1") for kind in ("HTTP", "HTTPS", "FTP")),
    *((f"ooInet{kind}ProxyPort", "9") for kind in ("HTTP", "HTTPS", "FTP")),
)
_SAID = (
    (_SECURITY, "DisableMacrosExecution", "true"),
    (_SECURITY, "MacroSecurityLevel", "3"),
    # A picture that is linked, not inside, would be fetched from the network or from this machine's disk.
    (_SECURITY, "BlockUntrustedRefererLinks", "true"),
    (_SECURITY, "DisableActiveContent", "true"),
    *((_INET, name, value) for name, value in _NOWHERE),
    ("/org.openoffice.Setup/L10N", "ooSetupSystemLocale", "zh-CN"),
    ("/org.openoffice.Office.Linguistic/General", "DefaultLocale_CJK", "zh-CN"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
)

_SANS = ("微软雅黑", "Microsoft YaHei", "黑体", "SimHei", "等线", "DengXian", "华文黑体", "苹方", "PingFang SC")
_SERIF = ("宋体", "SimSun", "新宋体", "NSimSun", "仿宋", "FangSong", "楷体", "KaiTi", "华文中宋", "方正小标宋简体")
_ALIAS = "<alias binding='same'><family>{family}</family><accept><family>{ours}</family></accept></alias>"
_OTHER = "<pattern><patelt name='family'><string>{family}</string></patelt></pattern>"
_OTHERS = [f"Noto {kind} CJK {place}" for kind in ("Sans", "Sans Mono", "Serif") for place in ("JP", "KR", "TC", "HK")]
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><edit name="lang" mode="prepend" binding="strong"><string>zh-cn</string></edit></match>
<selectfont><rejectfont>{others}</rejectfont></selectfont>
{aliases}
</fontconfig>
"""


def write_profile(folder: Path) -> None:
    """Make the folder of a profile, for `-env:UserInstallation`, with a `fonts.conf` for FONTCONFIG_FILE.

    Without a Chinese locale on the machine LibreOffice embeds Japanese shapes (field notes 2.4); with only the Chinese
    faces of Noto to choose from it cannot.
    """
    (folder / "user").mkdir(parents=True)
    items = "\n".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in _SAID)
    (folder / "user" / "registrymodifications.xcu").write_text(_SETTINGS.format(items=items), encoding="utf-8")
    pairs = [(family, "Noto Sans CJK SC") for family in _SANS] + [(family, "Noto Serif CJK SC") for family in _SERIF]
    others = "\n".join(_OTHER.format(family=family) for family in _OTHERS)
    aliases = "\n".join(_ALIAS.format(family=family, ours=ours) for family, ours in pairs)
    (folder / "fonts.conf").write_text(_FONTS.format(aliases=aliases, others=others), encoding="utf-8")

"""Actions of the audit log in, what people call them out; a new one without words is shown as it is written."""

from __future__ import annotations

from typing import Any

from signage.office.console.roles import Role

AREAS = {
    "signin": ("登录", "Signing in"),
    "password": ("密码", "Passwords"),
    "person": ("人员", "People"),
    "key": ("密钥", "Keys"),
    "settings": ("设置", "Settings"),
    "setup": ("首次设置", "Set-up"),
    "release": ("审核发布", "Review"),
    "direct": ("直接发布", "Direct publishing"),
    "urgent": ("紧急", "Urgent"),
    "screen": ("屏幕", "Screens"),
    "media": ("素材", "Media"),
    "playlist": ("播放列表", "Playlists"),
    "public": ("公开页面", "Public page"),
    "backup": ("备份", "Backups"),
    "audit": ("操作记录", "Audit log"),
}

ACTIONS = {
    "signin.done": ("登录", "signed in"),
    "signin.ended": ("退出", "signed out"),
    "signin.refused": ("登录被拒绝", "was not let in"),
    "password.refused": ("改密码时输错旧密码", "mistyped the old password"),
    "person.added": ("加了人员", "added a person"),
    "person.roles-changed": ("改了权限", "changed roles"),
    "person.password-reset": ("给了临时密码", "made a temporary password"),
    "person.password-changed": ("改了密码", "changed a password"),
    "person.shut-out": ("停用了人员", "shut a person out"),
    "person.let-in-again": ("恢复了人员", "let a person in again"),
    "person.sessions-ended": ("结束了登录", "ended sessions"),
    "key.office-made": ("制作了办公室密钥", "made the office's keys"),
    "key.added": ("登记了密钥", "added a key"),
    "key.revoked": ("撤销了密钥", "revoked a key"),
    "key.renewed": ("续签", "renewed signatures"),
    "key.threshold-set": ("改了签字人数", "changed how many must sign"),
    "key.levels-lowered": ("减少了审核级数", "lowered the review levels"),
    "key.rotated": ("换了新密钥", "made a new key"),
    "key.mended": ("让屏幕重新认得办公室", "had screens know the office again"),
    "key.refused": ("口令输错", "mistyped a passphrase"),
    "settings.changed": ("改了设置", "changed settings"),
    "settings.alarm-tested": ("发了测试报警", "sent a test alarm"),
    "setup.community": ("填了社区名称", "named the community"),
    "setup.refused": ("设置码输错", "mistyped the set-up code"),
    "setup.done": ("完成首次设置", "finished the set-up"),
    "release.submitted": ("提交", "submitted"),
    "release.approved": ("审核通过", "approved"),
    "release.returned": ("退回", "returned"),
    "release.published": ("发布", "published"),
    "release.rolled-back": ("回退", "rolled back"),
    "release.copied": ("下载了待审稿", "downloaded a draft"),
    "direct.turned-on": ("打开直接发布", "turned direct publishing on"),
    "direct.turned-off": ("关闭直接发布", "turned direct publishing off"),
    "urgent.unlocked": ("解锁值班", "unlocked duty"),
    "urgent.locked": ("锁上值班", "locked duty"),
    "urgent.copied": ("下载了紧急指令", "downloaded an order"),
    "urgent.texts-changed": ("改了常用文字", "changed the frequent texts"),
    "urgent.takeover": ("紧急插播", "took screens over"),
    "urgent.blackout": ("一键黑屏", "blacked out"),
    "urgent.resume": ("恢复播出", "let screens go on"),
    "screen.changed": ("改了屏幕", "changed a screen"),
    "screen.revoked": ("撤销了屏幕", "revoked a screen"),
    "screen.enrolled": ("登记了屏幕", "let a screen in"),
    "screen.replaced": ("换了屏幕的电脑", "replaced a screen's computer"),
    "release.direct": ("自动发布", "published by itself"),
    "media.uploaded": ("上传了素材", "uploaded a file"),
    "media.moved": ("移动或改名素材", "moved a file"),
    "media.deleted": ("删除了素材", "deleted a file"),
    "playlist.made": ("新建播放列表", "made a playlist"),
    "playlist.edited": ("改了播放列表", "edited a playlist"),
    "playlist.renamed": ("播放列表改名", "renamed a playlist"),
    "playlist.deleted": ("删除了播放列表", "deleted a playlist"),
    "public.hidden": ("隐藏了公开通知", "hid a public notice"),
    "public.shown": ("恢复了公开通知", "showed a public notice"),
    "backup.made": ("做了备份", "made a backup"),
    "backup.restored": ("从备份恢复", "restored a backup"),
    "audit.exported": ("导出了操作记录", "exported the log"),
    "audit.pruned": ("清理了过期的操作记录", "let go of what was kept long enough"),
}

NAMES = {
    "roles": ("权限", "roles"),
    "before": ("原来", "before"),
    "after": ("现在", "after"),
    "role": ("用于", "for"),
    "made": ("密钥做在", "made"),
    "levels": ("审核级数", "levels"),
    "level": ("级别", "level"),
    "people": ("不再审核的人", "review no more"),
    "returned": ("退回的草稿", "returned"),
    "number": ("号", "number"),
    "key": ("密钥", "key"),
    "note": ("说明", "note"),
    "why": ("原因", "why"),
    "count": ("处数", "count"),
    "address": ("地址", "address"),
    "threshold": ("人数", "people"),
    "unsigned": ("要重签", "to be signed anew"),
    "published": ("已上屏", "on air"),
    "from_file": ("来自文件", "from a file"),
    "community": ("社区名称", "community"),
    "language": ("语言", "language"),
    "hosts": ("主机名", "host names"),
    "kept_days": ("保留天数", "days kept"),
    "backup_hour": ("备份时间", "backup at"),
    "backups_kept": ("备份份数", "backups"),
    "public_page": ("公开页面", "public page"),
    "public_days": ("公开天数", "public days"),
    "alarm_webhook": ("机器人地址", "webhook"),
    "alarm_shape": ("报警方式", "kind of alarm"),
    "alarm_secret": ("加签密钥", "secret"),
    "offline_after_s": ("离线秒数", "offline after s"),
    "own_approval": ("自审", "own approval"),
    "metrics_from": ("指标地址", "metrics from"),
    "machine": ("电脑名", "computer"),
    "lines": ("改了的行", "lines changed"),
    "screens": ("屏幕", "screens"),
    "keys": ("签字的钥匙", "signed by"),
    "says": ("内容", "says"),
    "titles": ("标题", "titles"),
    "to": ("改为", "to"),
    "mark": ("记号", "mark"),
    "title": ("标题", "title"),
    "topic": ("主题", "topic"),
}
UNSAID = ("version", "digest", "until_ms")
"""Details for machines: they are in what is exported, and not on the page."""
_SUBJECTS = {
    "release": ("发布口令", "release passphrase"),
    "urgent": ("值班口令", "duty passphrase"),
    "review": ("审核级数", "review levels"),
    "root": ("信任根", "root"),
    "targets": ("授权", "authority"),
    "snapshot": ("目录签名", "snapshot"),
    "timestamp": ("每日签名", "timestamp"),
}
_VALUES = {
    **{str(role): (role.title_zh, role.title_en) for role in Role},
    "here": ("这台电脑", "here"),
    "elsewhere": ("别处", "elsewhere"),
    "True": ("是", "yes"),
    "False": ("否", "no"),
    "all": ("全部", "all"),
    "…": ("已改（不记录内容）", "changed (not told)"),
}


def subject_of(subject: str) -> tuple[str, str]:
    """Give the Chinese and English of what an action was about."""
    return _SUBJECTS.get(subject, (subject, subject))


def name_of(name: str) -> tuple[str, str]:
    """Give the Chinese and English of one detail's name."""
    return NAMES.get(name, (name, name))


def value_of(value: Any) -> tuple[str, str]:
    """Give the Chinese and English of one detail's value."""
    said = [_VALUES.get(str(one), (str(one), str(one))) for one in (value if isinstance(value, list) else [value])]
    return "、".join(zh for zh, _ in said) or "无", ", ".join(en for _, en in said) or "none"


def words_of(action: str) -> tuple[str, str]:
    """Give an action's Chinese and English."""
    return ACTIONS.get(action, (action, action))

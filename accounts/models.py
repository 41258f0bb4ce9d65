"""People who sign in, the three administrators, and the audit entry."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import ApiTokenQuerySet, AuditEntryQuerySet, AuditExportQuerySet, UserQuerySet
from core.history import tracked
from core.models import SampleModel

# A token lives no longer than a password does (ASVS 5.0, 7.3).
TOKEN_MAX_DAYS = 90


# Django's manager, which signs people in, with the reads of the portal.
AccountManager = UserManager.from_queryset(UserQuerySet)
AccountManager.use_in_migrations = False


@tracked(exclude=["password", "last_login"])
class User(SampleModel, AbstractUser):
    """A person with an account. What they may do in the business is a membership of theirs, not a field here."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("电子邮箱"), blank=True, help_text=_("仅供联系；不用于登录和找回密码。"))
    full_name = models.CharField(_("姓名"), max_length=50, help_text=_("界面和历史里显示的名字。"))
    phone = models.CharField(_("联系电话"), max_length=20, blank=True, help_text=_("办公电话或手机，可不填。"))
    must_change_password = models.BooleanField(
        _("须改密码"), default=True, help_text=_("首次登录或重发一次性密码后，先改密码才能使用。")
    )
    password_changed_at = models.DateTimeField(
        _("上次改密码"), default=timezone.now, help_text=_("到期日从这一天算起。")
    )

    REQUIRED_FIELDS = ["full_name"]

    objects: ClassVar[UserManager[User]] = AccountManager()  # type: ignore[assignment]  # a kind of it

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        ordering = ["username"]
        constraints = [
            # Sign-in and lock-out do not tell capitals apart, so two accounts may not differ by them alone.
            models.UniqueConstraint(
                Lower("username"), name="username_unique", violation_error_message=_("已有同名账号（不分大小写）。")
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        """The name shown in the interface."""
        return str(self)

    @property
    def initials(self) -> str:
        """One character for the round mark beside the name."""
        return str(self)[:1]


class AdministratorKind(models.TextChoices):
    """The three administrators that GB/T 22239-2019 keeps apart (三员分立)."""

    SYSTEM = "system", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    AUDIT = "audit", _("审计管理员")


@tracked()
class Administrator(models.Model):
    """One of the three administrators. The primary key is the person, so nobody can be two of them."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, verbose_name=_("账号"), help_text=_("一人只能担任三员之一。")
    )
    kind = models.CharField(
        _("岗位"), max_length=10, choices=AdministratorKind, help_text=_("系统、安全、审计三员分设。")
    )

    class Meta:
        verbose_name = _("管理员")
        verbose_name_plural = _("管理员")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=AdministratorKind.values),
                name="administrator_kind_known",
                violation_error_message=_("管理员岗位只能是系统、安全、审计之一。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()}"


class PastPassword(models.Model):
    """The hash of a password used before; the last five may not be used again."""

    append_only = True

    user = models.ForeignKey(
        User, models.CASCADE, related_name="past_passwords", verbose_name=_("账号"), help_text=_("密码的主人。")
    )
    password = models.CharField(_("密码散列"), max_length=128, help_text=_("只存散列。"))
    created_at = models.DateTimeField(_("停用时间"), default=timezone.now, help_text=_("换掉的时间。"))

    class Meta:
        verbose_name = _("用过的密码")
        verbose_name_plural = _("用过的密码")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class AuditVerb(models.TextChoices):
    """What is written to the audit log besides the history of records."""

    SIGN_IN = "sign_in", _("登录")
    SIGN_IN_FAILED = "sign_in_failed", _("登录失败")
    LOCKED = "locked", _("锁定")
    SIGN_OUT = "sign_out", _("退出")
    REFUSED = "refused", _("拒绝访问")
    PASSWORD_CHANGED = "password_changed", _("修改密码")
    SECOND_FACTOR = "second_factor", _("第二因素变更")
    GRANTED = "granted", _("授权")
    ACCOUNT = "account", _("账号变更")
    RETRIED = "retried", _("重试作业")
    EXPORTED = "exported", _("导出")
    TOKEN = "token", _("访问令牌")
    ARCHIVED = "archived", _("归档日志")


class AuditEntry(models.Model):
    """One line of the audit log: who did what, when, from where, with what outcome. Never changed, never removed."""

    append_only = True

    at = models.DateTimeField(_("时间"), default=timezone.now, help_text=_("服务器时间。"))
    actor = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("操作人"),
        help_text=_("没有登录成功时为空。"),
    )
    username = models.CharField(_("用户名"), max_length=150, blank=True, help_text=_("当时填写的用户名。"))
    verb = models.CharField(_("动作"), max_length=20, choices=AuditVerb, help_text=_("登录、失败、锁定、拒绝等。"))
    succeeded = models.BooleanField(_("成功"), default=True, help_text=_("动作是否成功。"))
    address = models.GenericIPAddressField(_("来源地址"), null=True, blank=True, help_text=_("请求的网络地址。"))
    target = models.CharField(_("对象"), max_length=300, blank=True, help_text=_("所涉网址或记录。"))
    detail = models.JSONField(_("详情"), default=dict, blank=True, help_text=_("其他说明。"))

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("审计记录")
        verbose_name_plural = _("审计记录")
        ordering = ["-id"]
        indexes = [
            # The log is read newest first, narrowed to one person or one kind of act.
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["verb", "-id"], name="audit_by_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.username} {self.get_verb_display()}"


class AuditExport(models.Model):
    """One day's log and history as a signed file. Each names the one before, so that none can go missing."""

    append_only = True

    day = models.DateField(_("日期"), unique=True, help_text=_("上海时间的一天。"))
    file = models.CharField(_("文件"), max_length=200, help_text=_("JSON Lines，gzip 压缩。"))
    entries = models.PositiveIntegerField(_("条数"), help_text=_("审计记录和各表历史，一行一条。"))
    digest = models.CharField(_("文件散列"), max_length=64, help_text=_("文件的 SHA-256。"))
    previous_digest = models.CharField(
        _("前一天的散列"), max_length=64, blank=True, help_text=_("第一天为空。接不上就是少了一天。")
    )
    tables = models.JSONField(_("各表"), default=dict, help_text=_("每张表的条数、列、首末编号和内容散列。"))
    signature = models.CharField(_("签名"), max_length=128, help_text=_("Ed25519，对以上各项。"))
    key_id = models.CharField(_("签名密钥"), max_length=16, help_text=_("公钥 SHA-256 的头 16 位。"))
    made_at = models.DateTimeField(_("导出时间"), default=timezone.now, help_text=_("生成文件的时间。"))

    objects = AuditExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("日志导出")
        verbose_name_plural = _("日志导出")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


@tracked(exclude=["digest", "last_used_on"])
class ApiToken(models.Model):
    """A secret by which a program acts as its owner, with the owner's rights of that day, until it expires.

    The secret is shown once; here stands its SHA-256 alone, which is enough for 256 random bits.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="api_tokens", verbose_name=_("账号"), help_text=_("令牌的主人。")
    )
    name = models.CharField(_("用途"), max_length=60, help_text=_("给哪个系统用、做什么用。"))
    prefix = models.CharField(_("开头"), max_length=12, editable=False, help_text=_("令牌的头几个字符，供辨认。"))
    digest = models.CharField(
        _("令牌散列"), max_length=64, unique=True, editable=False, help_text=_("只存 SHA-256 散列。")
    )
    read_only = models.BooleanField(_("只读"), default=True, help_text=_("只读的令牌不能写入。"))
    created_at = models.DateTimeField(_("签发时间"), default=timezone.now, editable=False, help_text=_("签发的时间。"))
    expires_at = models.DateTimeField(_("到期时间"), help_text=_("最长 90 天；到期后另发。"))
    last_used_on = models.DateField(_("最近使用"), null=True, editable=False, help_text=_("最近用过的一天。"))
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, editable=False, help_text=_("吊销后立即失效。"))

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("访问令牌")
        verbose_name_plural = _("访问令牌")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at"))
                & models.Q(expires_at__lte=models.F("created_at") + dt.timedelta(days=TOKEN_MAX_DAYS)),
                name="token_term",
                violation_error_message=_("令牌的有效期是 1 至 90 天。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Receipt(models.Model):
    """The answer that a person's request with this key got: the same request again gets it again, and does nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("账号"), help_text=_("提交的人。"))
    key = models.UUIDField(_("提交编号"), help_text=_("由表单或对方系统给出，每次提交一个。"))
    fingerprint = models.CharField(_("内容指纹"), max_length=64, help_text=_("方法、地址和内容的 SHA-256。"))
    status = models.PositiveSmallIntegerField(_("状态码"), null=True, help_text=_("办完以前为空。"))
    headers = models.JSONField(_("答复头"), default=dict, help_text=_("去处、类型、版本。"))
    body = models.BinaryField(_("答复"), null=True, help_text=_("空表示只答复一次，不再给出。"))
    at = models.DateTimeField(_("时间"), default=timezone.now, db_index=True, help_text=_("30 天后清除。"))

    class Meta:
        verbose_name = _("提交回执")
        verbose_name_plural = _("提交回执")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="receipt_once", violation_error_message=_("这次提交已经办过。")
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.key}"

"""All settings, in one file. Everything that differs between installations is read from the environment."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import django_stubs_ext
import pghistory
import pgtrigger
from csp.constants import NONE, SELF
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xiaogan_portal import env

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Which of the three ways to run (docs/architecture.md) -------------------------------------
EMBEDDED = env.text("PORTAL_MODE", "server" if env.text("DATABASE_URL", "") else "embedded") == "embedded"
DATA_DIR = Path(env.text("PORTAL_DATA_DIR", str(BASE_DIR / "var"))).resolve()
DEBUG = env.boolean("DEBUG", False)
# Without a key of its own an embedded command (a type check, say) gets one that dies with the process.
SECRET_KEY = env.text("SECRET_KEY", secrets.token_urlsafe(50) if EMBEDDED else None)
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "127.0.0.1,localhost" if EMBEDDED else None)
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS", "")

# --- Apps, lowest first -------------------------------------------------------------------------
PORTAL_APPS = [
    "core",
    "accounts",
    "jobs",
    "notices",
    "exchange",
    "communities",
    "coordination",
    "facilities",
    "services",
    "inspections",
    "dashboards",
    "xiaogan_portal",
]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "template_partials",
    *PORTAL_APPS,
]

MIDDLEWARE = [
    "core.incidents.IncidentMiddleware",
    "core.body_limit.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionRulesMiddleware",
    "communities.capacity.CapacityHistoryMiddleware",
    "axes.middleware.AxesMiddleware",
    # Last: a request with a key is done once, after everything else has let it through.
    "accounts.receipts.ReceiptMiddleware",
]

ROOT_URLCONF = "xiaogan_portal.urls"
# Whoever follows a community, from a list of whichever app, lands on the page where everything about it is gathered.
# That page is the highest app's; the lower ones know only the community's address.
ABSOLUTE_URL_OVERRIDES = {
    "communities.community": lambda community: reverse("dashboards:community", args=[community.pk]),
}
WSGI_APPLICATION = "xiaogan_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "xiaogan_portal.navigation.page_frame",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

# --- Databases: the portal's own role, and the owner's for migrations alone -----------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database("DATABASE_URL", "postgres://portal@127.0.0.1/portal" if EMBEDDED else None),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "owner"},
    }
}
if env.text("DATABASE_OWNER_URL", "postgres://portal_owner@127.0.0.1/portal" if EMBEDDED else ""):
    DATABASES["owner"] = env.database(
        "DATABASE_OWNER_URL", "postgres://portal_owner@127.0.0.1/portal" if EMBEDDED else None
    )
DATABASE_ROUTERS = ["xiaogan_portal.roles.OwnerMigratesRouter"]

PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
# Row-level history makes a bulk insert five times slower, statement-level three (docs/architecture.md).
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_ADMIN_MODEL = None

# The cache and the sessions live in PostgreSQL: the broker may be away without anyone noticing.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

# --- Sign-in (docs/architecture.md, “Sign-in”; customary values for GB/T 22239-2019) ---------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_MAX_AGE_DAYS = env.integer("PASSWORD_MAX_AGE_DAYS", 90, least=1)
PASSWORDS_REMEMBERED = 5
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.CharacterKindsValidator"},
    {"NAME": "accounts.passwords.UsernameFragmentValidator"},
    {"NAME": "accounts.passwords.ReusedPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Failed sign-ins are counted by axes alone, by user name; a whole county office may share one address.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "20/5m/key", "change_password": "20/m/user"}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "孝感新社区"

# Who must have a second factor: "administrator" and role codes, which the hook gives for a user.
SECOND_FACTOR_REQUIRED = env.listing("SECOND_FACTOR_REQUIRED", "" if EMBEDDED else "administrator,city_office,leader")
ACCOUNT_ROLES_OF = "communities.scoping.role_codes_of"
# Who follows every notice and who has signed for it, by the roles that the hook gives.
NOTICE_OFFICE_ROLES = ["city_office"]
# Ways out besides the portal's own pages, as class paths (docs/administration.md, “Messages to telephones”).
NOTICE_CHANNELS = env.listing("NOTICE_CHANNELS", "notices.channels.LogChannel" if EMBEDDED else "")
# Whose uploads a user sees, where they may upload, and in which capacity: the exchange knows no units and no roles.
EXCHANGE_PLACES_OF = "communities.exchange_places.places_of"
EXCHANGE_CAPACITY_OF = "communities.capacity.roles_of"
# The daily export of the log is signed with the first; files signed before a change of keys are believed by the others.
AUDIT_SIGNING_KEY = next(iter(env.keys("AUDIT_SIGNING_KEY")), "")
AUDIT_PUBLIC_KEYS = env.keys("AUDIT_PUBLIC_KEYS")
# `manage.py archive_audit` leaves at least so many days of the log in the database; the law asks for six months.
AUDIT_KEEP_DAYS = env.integer("AUDIT_KEEP_DAYS", 366)

# Shown on the sign-in page to who cannot get in.
HELP_PHONE = env.text("HELP_PHONE", "0712-×××××××" if EMBEDDED else "")
# Reverse proxies in front of the portal, each of which appends to X-Forwarded-For.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0 if EMBEDDED else 1)

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "accounts.lockout.attempted_username"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_SENSITIVE_PARAMETERS = ["oldpassword", "password1", "password2", "code", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True  # the audit log has it
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "portal_session"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 3600
# Their own refreshes are not stopped by idling (docs/decisions/0008-a-wall-is-not-idle.md); the age above still is.
WALL_PAGES = frozenset({"dashboards:wall"})
IDLE_MINUTES = env.integer("IDLE_MINUTES", 30, least=1)
IDLE_MINUTES_ADMINISTRATORS = env.integer("IDLE_MINUTES_ADMINISTRATORS", 15, least=1)

# --- The web ----------------------------------------------------------------------------------------
HTTPS = env.boolean("HTTPS", not EMBEDDED)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "portal_csrf"
CSRF_FAILURE_VIEW = "core.incidents.csrf_refused"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# The largest file that a form takes is a photo of 15 MB.
REQUEST_MAX_BYTES = 20 * 1024 * 1024

STATIC_URL = "/static/"
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist")]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES: dict[str, Any] = {
    # What people upload, and the daily exports of the log: nobody else on the machine reads them.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "portal_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

REST_FRAMEWORK: dict[str, Any] = {
    # The token first: its refusal is a 401 that says what would open the door.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api_access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "accounts.api_access.MayWrite"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api_reading.PlainJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api_reading.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "core.openapi.PortalSchema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": _("孝感新社区接口"),
    "DESCRIPTION": _(
        "范围和网页一样：看不到的是 404，看得到而不归你办的是 403。"
        "登录：Authorization: Bearer 令牌。每个 POST 带 Idempotency-Key；每次修改带 If-Match，写读到的版本，"
        "被别人改过的答 412，附两个版本。没有声明的参数和字段一律拒绝。日期为 ISO 8601，小数为字符串。"
    ),
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    # Choice sets that several resources call by the same name.
    "ENUM_NAME_OVERRIDES": {
        "CommunityType": "communities.models.CommunityType",
        "CellType": "dashboards.models.CellType",
        "UnitKind": "communities.models.UnitKind",
        "SuccessionKind": "communities.models.SuccessionKind",
        "FacilityKind": "facilities.models.FacilityKind",
        "OrderingTrait": "facilities.ordering_words.Trait",
        "OrderingMeasure": "facilities.ordering_words.Measure",
        "OrganisationKind": "services.models.OrganisationKind",
        "PeriodState": "communities.models.PeriodState",
        "ReportState": "facilities.report_workflow.ReportState",
        "RoundState": "inspections.models.RoundState",
        "JobState": "jobs.workflow.JobState",
        "Tone": "notices.workflow.Tone",
        "BatchState": "exchange.workflow.BatchState",
        "Role": "communities.roles.Role",
        "Stage": "facilities.workflow.Stage",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "docExpansion": "none", "syntaxHighlight": False},
}

# --- Background work (docs/architecture.md, “Jobs”) ----------------------------------------------
CELERY_BROKER_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0" if EMBEDDED else None)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A publish to a dead broker must not keep a request waiting: the ledger holds the work anyway.
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "visibility_timeout": 600,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = TIME_ZONE

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "django.security.csrf": {"level": "ERROR"}},
}

# axes' W006 asks for the address among the lock-out parameters. The lock is on the user name alone,
# on purpose: with the address in the key, twenty addresses have twenty times five guesses.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

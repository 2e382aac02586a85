"""Settings: flat, everything from the environment, failing loudly with the variable's name."""

from urllib.parse import urlsplit

import environ

from config.environment import BASE_DIR, Environment, broker_url

env = Environment()

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", minimum=32)
PUBLIC_URL = env.origin("PUBLIC_URL", "https://chat.example.com", "http://localhost:8000")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [_public.hostname or "localhost"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [PUBLIC_URL])

INSTALLED_APPS = [
    "daphne",
    "config.apps.PorchlightAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "corsheaders",
    "pgtrigger",
    "ninja",
    "accounts",
    "presence",
    "support",
]

# Each synchronous middleware costs a thread hop under ASGI: keep this list short.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Of one process. Each thread has at most one connection, and so has what belongs to neither side.
SOCKET_DATABASE_THREADS = env.number("SOCKET_DATABASE_THREADS", 4, minimum=1)
HTTP_DATABASE_THREADS = env.number("HTTP_DATABASE_THREADS", 4, minimum=1)
_database = environ.Env.db_url_config(
    env.url("DATABASE_URL", {"postgres", "postgresql"}, "postgres://user:secret@host:5432/porchlight")
)
_options = _database.get("OPTIONS", {})
DATABASES = {
    "default": {
        **_database,
        # psycopg's pool replaces persistent connections; Django refuses both together.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "connect_timeout": 2,
            "tcp_user_timeout": 10000,
            # Such as ?sslmode=verify-full.
            **_options,
            "pool": env.flag("DATABASE_POOL", default=True)
            and {"min_size": 1, "max_size": SOCKET_DATABASE_THREADS + HTTP_DATABASE_THREADS + 1, "timeout": 2},
            # 0 lets a migration of a large table take its time.
            "options": f"-c statement_timeout={env.number('STATEMENT_TIMEOUT_MS', 10_000)} -c lock_timeout=5000 "
            + _options.get("options", ""),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Agent"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/inbox/"
LOGOUT_REDIRECT_URL = "/sign-in/"

REDIS_URL = env.url("REDIS_URL", {"redis", "rediss", "unix"}, "redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "porchlight",
        "OPTIONS": {"SOCKET_TIMEOUT": 1, "SOCKET_CONNECT_TIMEOUT": 1},
    }
}
# Without Redis, sessions and site rules are read from PostgreSQL.
DJANGO_REDIS_IGNORE_EXCEPTIONS = True
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "porchlight_session"
CSRF_COOKIE_NAME = "porchlight_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

CHANNEL_LAYERS = {"default": {"BACKEND": "support.layer.FeedLayer", "CONFIG": {"url": REDIS_URL}}}

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULE = {
    "forget expired sessions": {"task": "accounts.tasks.forget_expired_sessions", "schedule": 86_400},
    "store presence": {"task": "support.tasks.store_presence", "schedule": 10},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "static"]

# Any page may read the answer, as it may be the reason why its origin is refused; the endpoints themselves give tokens
# to allowed origins only, and no cookie is ever sent along.
CORS_URLS_REGEX = r"^/widget/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_PREFLIGHT_MAX_AGE = 7200

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

"""The web side: sessions, templates, static files, and the protections of the pages.

A node has two listeners, each with its own URLs: `pages` for people and `machine` for other administrations.
"""

from __future__ import annotations

import os
import re
import secrets

from crinale.config.installation import ASSETS, SERVED
from crinale.config.node import NodeHome

_home = NodeHome.current()
_web = _home.settings().get("web", {})

LISTENER = os.environ.get("CRINALE_LISTENER", "pages")
DEBUG = False
# A process that runs before the node has a key (type checks, tests) signs nothing that outlives it.
SECRET_KEY = _home.existing_secret("django") or secrets.token_urlsafe(32)
# What the secrets of second factors are encrypted with.
CRINALE_FACTOR_KEY = _home.existing_secret("second-factors") or secrets.token_urlsafe(32)
ALLOWED_HOSTS: list[str] = _web.get("hosts", ["localhost", "127.0.0.1", "[::1]", ".localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = _web.get("origins", [])
ROOT_URLCONF = f"crinale.config.urls_{LISTENER}"
WSGI_APPLICATION = "crinale.config.wsgi.application"

if LISTENER == "machine":  # a machine proves itself by its certificate and signature: no sessions, no forms
    MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
else:
    MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "crinale.config.middleware.SecurityHeadersMiddleware",
        "crinale.config.gates.GatesMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "crinale.config.middleware.LanguageMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "crinale.config.middleware.StaffMiddleware",
        "crinale.config.middleware.ErrorPagesMiddleware",
    ]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csrf",
                "django.contrib.messages.context_processors.messages",
                "crinale.ui.shell.context",
            ],
        },
    },
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [ASSETS] if ASSETS.is_dir() else []
STATIC_ROOT = SERVED
# A listener names each file with its digest, so browsers keep it for good and get a new one after an upgrade.
_named_by_digest = "CRINALE_LISTENER" in os.environ
_static_files = "ManifestStaticFilesStorage" if _named_by_digest else "StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": f"django.contrib.staticfiles.storage.{_static_files}"},
}

# Cookies know hosts, not ports: the nodes of a demonstration share a host, and must not sign each other out.
SESSION_COOKIE_NAME = f"crinale_{re.sub(r'[^a-z0-9]+', '_', _home.root.name.lower())}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = bool(_web.get("https", False))
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "crinale.ui.errors.csrf_failure"
# Documents are streamed to disk from the first byte; only forms stay in memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

__all__ = [name for name in dir() if name.isupper()]

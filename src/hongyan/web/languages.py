"""The language of a page: what the person chose, else what the browser asks for, else Chinese."""

from starlette.requests import HTTPConnection

COOKIE = "hongyan_language"
LANGUAGES = {"zh": "中文", "en": "English"}
"""Each names itself."""


def language_of(connection: HTTPConnection) -> str:
    chosen = connection.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else _asked(connection.headers.get("accept-language", ""))


def _asked(header: str) -> str:
    """The first of ours in the browser's order; `zh-CN,en;q=0.5` is sorted as browsers send it."""
    for part in header.split(","):
        language = part.partition(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return "zh"

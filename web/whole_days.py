"""Days in figures stay on one line on every page: browsers break "2026-12-27" behind its hyphens where a line is short.

Every template that is rendered goes through this, so nobody who writes a day has to think of it. A word joiner behind
each hyphen has no width and is no element, so nothing else of a page is laid out in another way.
"""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Template

_LEFT_ALONE = ("title", "option", "textarea", "script", "style")
"""Elements whose text is no line of a page, or is sent back as it stands."""
_PARTS = re.compile(rf"(<(?:{'|'.join(_LEFT_ALONE)})\b.*?</|<[^>]*>)", re.DOTALL)
_DAY = re.compile(r"(?<![\w./-])(?:(?:19|20)\d\d-\d\d-\d\d|\d\d-\d\d(?= \d\d:\d\d))(?![\w-])")
JOINER = "\u2060"


def with_whole_days(html: str) -> str:
    """The same page, no day in its text breaking."""
    if _DAY.search(html) is None:
        return html
    parts = _PARTS.split(html)
    parts[::2] = [_DAY.sub(lambda day: day[0].replace("-", f"-{JOINER}"), text) for text in parts[::2]]
    return "".join(parts)


class PageTemplate(Template):
    """For `Environment.template_class`."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        return with_whole_days(super().render(*args, **kwargs))

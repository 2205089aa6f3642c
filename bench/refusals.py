"""What people say to the bench and it cannot take: refused in their language."""

from __future__ import annotations

from bench.errors import OperatorError
from calibration.texts import Texts

_WORDS = {
    "waits_for_nothing": ("检定台现在没有等待确认", "the bench waits for no confirmation just now"),
    "press_the_button": (
        "请按检定台上的启动按钮; 装有启动按钮时只有它有效",
        "press the start button at the bench; where one is wired, only it arms the bench",
    ),
    "asks_nothing": ("现在没有要回答的问题", "the bench asks nothing just now"),
    "not_asked_of": (
        "没有问表位 {position}; 问的是 {positions}",
        "nothing is asked of position {position}; asked are {positions}",
    ),
    "no_field": ("没有项目 {field}; 问的是 {fields}", "there is no field {field}; asked are {fields}"),
    "field_twice": (
        "项目 {field} 写了两次; 请只写一次",
        "the field {field} is given twice; give it once",
    ),
    "no_text": (
        "{field}: 请写 1 到 {longest} 个字符, 一行, 不含控制字符",
        "{field}: give 1 to {longest} characters on one line, without control characters",
    ),
    "ok_is_no_reading": (
        "这里不能回答 ok; 请写 {fields} 的内容: 项目=内容",
        "ok is no answer here; write FIELD=VALUE, fields are {fields}",
    ),
    "answer_with": (
        "请写表位 (或 all), 再写每个项目的 项目=内容, 或 ok",
        "answer with a position (or all) and FIELD=VALUE for each field, or ok",
    ),
    "no_answer": (
        "{said} 不是回答; 请写 项目=内容, 项目有 {fields}",
        "{said} is no answer; write FIELD=VALUE, fields are {fields}",
    ),
    "how_to_skip": (
        "请写 skip, 表位, 以及退出本次检定的原因",
        "write skip, the position and why it is taken out of the run",
    ),
    "say_why": (
        "请用一行写明原因, 1 到 {longest} 个字符",
        "say why in one line of 1 to {longest} characters",
    ),
    "no_closing_quote": (
        "{line} 读不懂 ({why}); 请补上引号",
        "{line} cannot be read ({why}); close the quotation mark",
    ),
}

_word = Texts(_WORDS)


class RefusedError(OperatorError):
    """What was said cannot be taken; its message is a text of this module."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(_word(key, "en", **values))
        self._key, self._values = key, values

    def in_language(self, language: str) -> str:
        return _word(self._key, language, **self._values)

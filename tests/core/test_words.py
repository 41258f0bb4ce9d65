"""Django's own messages come in the portal's words: plain, full-width, nothing technical."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms


class Sheet(forms.Form):
    name = forms.CharField(max_length=3)
    day = forms.DateField(required=False)
    number = forms.IntegerField(required=False, min_value=0, max_value=9)
    amount = forms.DecimalField(required=False, max_digits=5, decimal_places=2)
    kind = forms.ChoiceField(required=False, choices=[("a", "甲")])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "请填写这一项。"),
        ("name", "四个字了", "最多 3 个字，现在有 4 个。"),
        ("name", "a\x00", "里面有看不见的控制字符，请删掉后重填。"),
        ("day", "昨天", "日期不对，请写成 2013-12-20 这样。"),
        ("number", "x", "请填整数。"),
        ("number", "-1", "不能小于 0。"),
        ("number", "10", "不能大于 9。"),
        ("amount", "1.234", "小数最多 2 位。"),
        ("amount", str(Decimal("123456")), "数字太长，总共最多 5 位。"),
        ("kind", "b", "没有“b”这个选项，请从列表里选。"),
    ],
)
def test_message(field: str, value: Any, words: str) -> None:
    form = Sheet({"name": "好", field: value})
    assert form.errors[field][0] == words

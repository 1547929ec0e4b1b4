"""Amounts in Chinese capitals (大写金额), as they stand on contracts and cheques: 贰佰万元整.

By the rules for filling in bills of payment: an amount that ends at 元 or 角 ends with 整, a run of zeros
inside it is one 零, and 零 stands before 分 where there is no 角. Amounts of CNY, HKD, MOP and TWD have
these words, up to 9,999,999,999,999,999.99: more than any fact or payment may be.
"""

from __future__ import annotations

from policies.money import minor_digits

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_NAMES = {"CNY": "人民币", "HKD": "港币", "MOP": "澳门币", "TWD": "新台币"}
LIMIT_MINOR = 10**18
"""Amounts from this on, in minor units, have no capitals here."""


def capitals(amount_minor: int, currency: str) -> str | None:
    """Write an amount of minor units in capitals: 200000000 CNY is 人民币贰佰万元整; else None."""
    name = _NAMES.get(currency)
    if name is None or abs(amount_minor) >= LIMIT_MINOR:
        return None
    assert minor_digits(currency) == 2, "元, 角 and 分 are two places"
    sign = "负" if amount_minor < 0 else ""
    yuan, rest = divmod(abs(amount_minor), 100)
    jiao, fen = divmod(rest, 10)
    parts = [f"{_whole(yuan)}元"] if yuan or not rest else []
    if jiao:
        parts.append(f"{_DIGITS[jiao]}角")
    elif fen and yuan:
        parts.append("零")
    parts.append(f"{_DIGITS[fen]}分" if fen else "整")
    return f"{name}{sign}{''.join(parts)}"


def _whole(number: int) -> str:
    """Write a whole number below 10**16 in capitals, group by group of four digits."""
    if number == 0:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group == 0:
            gap = True
            continue
        if text and (gap or group < 1000):
            text += _DIGITS[0]
        text += _group(group) + _GROUPS[place]
        gap = False
    # 亿 closes the groups above it, so 万亿 is written once: 壹万贰仟亿, not 壹万亿贰仟亿
    closed = len(groups) == len(_GROUPS) and groups[2] > 0
    return text.replace("万亿", "万") if closed else text


def _group(group: int) -> str:
    """Write a number from 1 to 9,999 in capitals, each run of zeros inside it as one 零."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text

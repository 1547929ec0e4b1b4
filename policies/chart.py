"""The chart of accounts: the standard purposes of accounts, what they mean, and on which side of the books.

An account is OWNER.PURPOSE under an agreement, in a currency; a name with no purpose is a `balance`. A
document may name purposes of its own: they count as what somebody is owed, and it words them itself.
Not here: balances (ledger/accounts.py), and who may read them (api/access.py).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Side = Literal["assets", "liabilities", "equity", "income", "expenses"]
"""Where a purpose stands in books: what its accounts normally hold, seen by who keeps the books."""

OTHER: Side = "liabilities"
"""The side of a purpose that a document names by itself: what an account is owed."""


EXCHANGE = "fx_"
"""Begins the purpose of an exchange account, which ends with its currency: `fx_usd`. Its side is equity."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What accounts of one purpose are for: its name in documents, in words, its side, and its meaning."""

    name: str
    zh: str
    en: str
    side: Side
    meaning: Mapping[str, str]


_ROWS: tuple[tuple[str, str, str, Side, str, str], ...] = (
    ("balance", "余额", "balance", "liabilities",
     "已结算、归账户所有人的款项；负数为其所欠", "what is settled and is its owner's; below zero, is owed"),
    ("escrow", "待结算资金", "funds held for settlement", "liabilities",
     "代收的货款，结算前不属于任何一方", "money taken in for goods, nobody's until it is settled"),
    ("payment", "付款", "payment", "assets",
     "付款人付进来的款项", "what a payer paid in"),
    ("payable", "应付", "payable", "liabilities",
     "已出结算单、尚未支付的款项", "what statements have come to and is not yet paid out"),
    ("receivable", "应收", "receivable", "assets",
     "当前余额不足以抵扣、以后收回的款项", "what a balance could not cover and is recovered later"),
    ("advance", "垫付款", "advance", "assets",
     "先行垫付、以后扣回的款项", "what was paid ahead and is taken back later"),
    ("deposit", "保证金", "deposit", "liabilities",
     "为履约缴存、按约退还的款项", "what was put up for performance and goes back as agreed"),
    ("reserve", "准备金", "reserve", "liabilities",
     "从结算中留存、以备退款的款项", "what is kept back from settlements for refunds to come"),
    ("penalty_pool", "违约金账户", "penalties held", "liabilities",
     "已收取、尚未分配的违约金", "penalties taken and not yet given out"),
    ("clearing", "清算", "clearing", "assets",
     "在途款项，等待银行或支付机构确认", "money on its way, until a bank or provider confirms it"),
    ("bank", "银行存款", "bank", "assets",
     "经银行或支付机构付出的款项", "what was paid out through a bank or payment provider"),
    ("dispute_costs", "争议费用", "dispute costs", "liabilities",
     "已向当事方收取、待付仲裁员的费用", "costs of disputes, taken and still to be paid to who decided them"),
    ("suspense", "挂账", "suspense", "liabilities",
     "暂时无法归属的款项，等待认领", "what cannot be placed yet and waits to be claimed"),
    ("tax", "税款", "tax", "liabilities",
     "代扣、待缴的税款", "tax withheld and still to be handed over"),
    ("fee", "手续费", "fee", "income",
     "收取的手续费", "fees earned"),
    ("tech_fee", "技术服务费", "technical service fee", "income",
     "平台收取的技术服务费", "what a platform takes for its service"),
    ("alliance_fee", "联盟服务费", "alliance service fee", "income",
     "推广联盟收取的服务费", "what a promotion network takes for its service"),
    ("leader_fee", "团长服务费", "leader fee", "income",
     "团长收取的服务费", "what a team leader takes"),
    ("fx_gain", "汇兑损益", "exchange gain", "income",
     "已实现的汇兑收益；负数为损失", "what exchange has gained; below zero, lost"),
    ("fx_unrealised", "未实现汇兑损益", "unrealised exchange gain", "income",
     "期末重估的汇兑损益，次期转回", "what open positions gained by a month's end; taken back then"),
    ("fx_revaluation", "外币重估", "exchange revaluation", "equity",
     "未实现汇兑损益的对方账户", "what stands against unrealised exchange gains"),
    ("subsidy", "补贴", "subsidy", "expenses",
     "自行承担的券与补贴", "coupons and subsidies borne by the owner"),
)  # fmt: skip

CHART = {
    name: Purpose(name, zh, en, side, {"zh": meaning_zh, "en": meaning_en})
    for name, zh, en, side, meaning_zh, meaning_en in _ROWS
}
"""Every standard purpose by name, in the order in which charts list them."""


def side_of(purpose: str) -> Side:
    """Return the side of the books on which accounts of a purpose stand."""
    if purpose in CHART:
        return CHART[purpose].side
    return "equity" if purpose.startswith(EXCHANGE) else OTHER


def meant(purpose: str) -> str | None:
    """Return the standard purpose that a name is a slip of: `deposit` for `deposits`; None for most names."""
    if purpose in CHART or purpose.endswith("_fee"):
        return None
    near = difflib.get_close_matches(purpose, CHART, n=1, cutoff=0.85)
    return near[0] if near else None

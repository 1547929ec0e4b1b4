"""The fixed words of a rendered agreement, in both languages: headings of clause kinds, labels of terms."""

from __future__ import annotations

from policies.formulas.prose import Language

KIND_WORDS: dict[str, dict[Language, str]] = {
    "commission": {"zh": "分佣顺序", "en": "How each order is shared"},
    "share": {"zh": "分成", "en": "Share"},
    "clearing": {"zh": "结算账期", "en": "When an order is settled"},
    "returns": {"zh": "退款冲正", "en": "Returns and reversal"},
    "price_parity": {"zh": "价格承诺", "en": "Price promise"},
    "data_grant": {"zh": "数据授权", "en": "Data grant"},
    "dispute_process": {"zh": "争议处理", "en": "Disputes"},
    "force_majeure": {"zh": "不可抗力", "en": "Force majeure"},
    "wider_price_promise": {"zh": "扩大价格承诺", "en": "Wider price promise"},
}

_BOTH: dict[str, tuple[str, str]] = {
    "ref": ("协议版本", "Version"),
    "effective": ("生效日", "In force from"),
    "currency": ("币种", "Currency"),
    "time_zone": ("时区", "Time zone"),
    "prevailing": ("解释语言", "Prevailing language"),
    "digest": ("存证摘要 (SHA-256)", "Digest (SHA-256)"),
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "platform": ("平台", "platform"),
    "streamer": ("主播", "streamer"),
    "mcn": ("机构", "agency (MCN)"),
    "merchant": ("商家", "merchant"),
    "leader": ("团长", "team leader"),
    "arbiter": ("仲裁员", "arbiter"),
    "auditor": ("审计", "auditor"),
    "law": ("法律依据", "Law"),
    "not_enforced": ("不作计算", "Not computed"),
    "text_only": ("仅为文本，不作计算", "Text only: nothing here is computed"),
    "holder": ("义务人或权利人", "Holder"),
    "valid_from": ("自", "From"),
    "valid_until": ("至", "Until"),
    "when": ("适用条件", "Applies when"),
    "exception_of": ("系例外于第几条", "Exception of clause"),
    "review_when": ("须人工复核的情形", "A person reviews when"),
    "review": ("须人工复核", "a person reviews"),
    "funding": ("资金来源", "Funded by"),
    "fed_by": ("协议 {0} 的“{1}”项", "what {1} of {0} pays"),
    "rounding": ("取整", "Rounding"),
    "half_up": ("按订单行四舍五入到最小货币单位", "half up to the minor unit, per order line"),
    "half_even": ("按订单行四舍六入五成双", "half to even, per order line"),
    "floor": ("按订单行向下取整", "down, per order line"),
    "rest": ("{0}的余额", "the rest of {0}"),
    "keep": ("退款不冲正", "kept on refund"),
    "clearing": ("确认收货后满", "Days after confirmed receipt"),
    "window": ("退款期限（自确认收货）", "Refund window from receipt"),
    "refundable": ("可退金额", "Refundable"),
    "recovery": ("追扣顺序", "Recovered from, in order"),
    "balance": ("余额", "balance"),
    "next_settlement": ("结转下期", "next settlement"),
    "reserve": ("准备金", "reserve"),
    "deposit": ("保证金", "deposit"),
    "receivable": ("应收", "receivable"),
    "payment": ("付款", "payment"),
    "subsidy": ("补贴", "subsidy"),
    "tech_fee": ("技术服务费", "technical service fee"),
    "alliance_fee": ("联盟服务费", "alliance service fee"),
    "leader_fee": ("团长服务费", "leader fee"),
    "escrow": ("待结算资金", "funds held for settlement"),
    "none": ("无", "none"),
    "channels": ("渠道", "Channels"),
    "brand_store": ("品牌店铺", "the brand's store"),
    "brand_live": ("品牌直播间", "the brand's live room"),
    "recipients": ("接收方", "Recipients"),
    "fields": ("数据字段", "Fields"),
    "purpose": ("用途", "Purpose"),
    "retention": ("保存期限", "Kept for"),
    "erase": ("期满删除", "then erased"),
    "return": ("期满返还", "then returned"),
    "answer": ("答辩期", "Time to answer"),
    "evidence": ("举证期", "Time for evidence"),
    "appeal": ("上诉期", "Time to appeal"),
    "hold": ("冻结", "Held meanwhile"),
    "contested_amount": ("仅争议金额", "the contested amount only"),
    "ladder": ("裁决顺序", "Decided by, in order"),
    "rules": ("规则", "rules"),
    "panel": ("评审小组", "panel"),
    "arbitrator": ("仲裁员", "arbitrator"),
    "paid_from": ("由{0}支付", "from {0}"),
    "each": ("每一{0}：{1}", "for each of {0}: {1}"),
    "if": ("当", "when"),
    "cap": ("上限", "at most"),
    "cap_if": ("上限适用于", "the limit binds when"),
    "floor_amount": ("下限", "at least"),
    "effect": ("其他后果", "Also"),
    "price_difference": ("补差价", "price difference"),
    "liquidated_damages": ("违约金", "liquidated damages"),
}
WORDS: dict[Language, dict[str, str]] = {
    "zh": {key: words[0] for key, words in _BOTH.items()},
    "en": {key: words[1] for key, words in _BOTH.items()},
}
"""Labels by language and key."""


def days(count: int, language: Language) -> str:
    """Write a number of days: 15 日, 15 days."""
    if language == "zh":
        return f"{count} 日"
    return f"{count} day" if count == 1 else f"{count} days"

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
    "half_up_statement": ("按结算单累计四舍五入到最小货币单位", "half up to the minor unit, per statement"),
    "half_even_statement": ("按结算单累计四舍六入五成双", "half to even, per statement"),
    "floor_statement": ("按结算单累计向下取整", "down, per statement"),
    "counted_over": ("累计期间“{0}”（{1}）", "Counted over {0} ({1})"),
    "month": ("按月", "each month"),
    "quarter": ("按季", "each quarter"),
    "year": ("按年", "each year"),
    "term": ("整个协议期", "the whole term"),
    "over": ("“{0}”内累计应付 {1}", "on the volume of {0}: {1}"),
    "meanwhile": ("{0}；逐单暂付 {1}", "{0}; each order meanwhile {1}"),
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
    "payment_form": ("支付方式", "How it is paid"),
    "set_off": ("与请求金额抵销", "set off against the claim"),
    "left_open": ("记为未付，另行支付", "left owed, paid later"),
    "if": ("当", "when"),
    "cap": ("上限", "at most"),
    "cap_if": ("上限适用于", "the limit binds when"),
    "floor_amount": ("下限", "at least"),
    "effect": ("其他后果", "Also"),
    "price_difference": ("补差价", "price difference"),
    "liquidated_damages": ("违约金", "liquidated damages"),
}
_CONTRACT: dict[str, tuple[str, str]] = {
    "particulars": ("协议信息", "Particulars"),
    "stage": ("合作阶段", "Stage"),
    "initial": ("初始合作", "initial cooperation"),
    "deep_binding": ("深度绑定", "deep binding"),
    "strategic_alliance": ("战略联盟", "strategic alliance"),
    "full_integration": ("全面整合", "full integration"),
    "model": ("经营模式", "Operating model"),
    "model_platform": ("平台型", "platform"),
    "model_self_operated": ("自营型", "self-operated"),
    "model_alliance": ("联盟型", "alliance"),
    "model_cross_border": ("跨境型", "cross-border"),
    "jurisdiction": ("法域", "Jurisdiction"),
    "source": ("优先数据来源", "Prevailing source of facts"),
    "recitals": ("鉴于", "Recitals"),
    "recital_stage": (
        "各方合作处于{0}阶段，按{1}模式经营，适用 {2} 法域的规则，自愿订立本协议。",
        "At the stage of {0}, under the {1} model and the rules of {2}, the parties agree of their own will.",
    ),
    "recital_money": (
        "本协议项下全部金额以 {0} 计；日期依 {1} 时区起止。",
        "All amounts under this agreement are in {0}; days begin and end in the time zone {1}.",
    ),
    "recital_effective": ("本协议自 {0} 起生效。", "This agreement is in force from {0}."),
    "recital_supersedes": (
        "本版本取代第 {0} 版；每笔订单适用其发生时有效的版本。",
        "This version supersedes version {0}; an order follows the version in force at its own time.",
    ),
    "recital_prevailing": (
        "中英文文本不一致的，以{0}文本为准。",
        "Where the Chinese and the English text differ, the {0} text prevails.",
    ),
    "recital_source": (
        "各方数据不一致的，以 {0} 提供的数据为准。",
        "Where sources of facts differ, {0} prevails.",
    ),
    "recital_reading": (
        "各条先列各方约定的文字，再以“计算内容”说明所签公式；标明仅为文本的，不作计算。",
        "A clause gives the parties' words, then what the signed formulas compute; of text only, nothing.",
    ),
    "parties": ("当事人", "Parties"),
    "party": ("{0}方", "Party {0}"),
    "name": ("名称", "Name"),
    "role": ("身份", "Role"),
    "identity": ("标识", "Identity"),
    "service_address": ("送达地址", "Address for service"),
    "signer": ("签署地址", "Signing address"),
    "payees": ("非签署收款人", "Payees who do not sign"),
    "definitions": ("定义", "Definitions"),
    "defined": ("名称与含义", "Meaning"),
    "type_money": ("金额", "an amount"),
    "type_rate": ("比率", "a rate"),
    "type_count": ("数量", "a whole number"),
    "type_bool": ("是或否", "yes or no"),
    "type_text": ("文本", "text"),
    "type_enum": ("所列之一", "one of those listed"),
    "type_date": ("日期", "a day"),
    "type_instant": ("时刻", "a time"),
    "of_order": ("每一订单行", "of each order line"),
    "of_case": ("争议个案", "of a case"),
    "of_rows": ("每一{0}", "of each of {0}"),
    "default": ("未载明时为 {0}", "{0} where not stated"),
    "order_facts_where": ("每一订单均满足", "True of every order"),
    "clauses": ("条款", "Clauses"),
    "clause": ("第 {0} 条", "Clause {0}"),
    "computed": ("计算内容", "What is computed"),
    "examples": ("算例", "Worked examples"),
    "examples_lead": (
        "下列算例为所签署文件的组成部分，依各条公式计算。",
        "These examples are part of the signed document and follow from its formulas.",
    ),
    "example": ("算例 {0}：{1}", "Example {0}: {1}"),
    "given": ("已知", "Given"),
    "shares": ("计算", "Computation"),
    "item": ("项目", "Item"),
    "arithmetic": ("算式", "Arithmetic"),
    "amount": ("金额", "Amount"),
    "rest_short": ("余额", "the rest"),
    "expected": ("约定结果", "Expected"),
    "digests": ("存证", "Digests"),
    "digests_lead": (
        "各方签署的是下列摘要所对应的规范文件；本文由其生成，仅供阅读。",
        "The parties sign the canonical document of these digests; this text is made from it, for reading.",
    ),
    "signatures": ("签署", "Signatures"),
    "signature_of": ("签字或盖章", "Signature or seal"),
    "signed_on": ("日期", "Date"),
    "not_given": ("（待填写）", "(to be filled in)"),
    "page": ("第 {0} 页，共 {1} 页", "Page {0} of {1}"),
}
_ALL = _BOTH | _CONTRACT
WORDS: dict[Language, dict[str, str]] = {
    "zh": {key: words[0] for key, words in _ALL.items()},
    "en": {key: words[1] for key, words in _ALL.items()},
}
"""Labels by language and key."""

_ORDINALS = "甲乙丙丁戊己庚辛壬癸"


def ordinal(place: int, language: Language) -> str:
    """Name the party at a place, counted from 0: 甲方, Party A; past the tenth 第十一方, Party K."""
    if language == "zh":
        named = (
            _ORDINALS[place] if place < len(_ORDINALS) else f"第十{'一二三四五六'[place - len(_ORDINALS)]}"
        )
    else:
        named = chr(ord("A") + place)
    return WORDS[language]["party"].format(named)


def days(count: int, language: Language) -> str:
    """Write a number of days: 15 日, 15 days."""
    if language == "zh":
        return f"{count} 日"
    return f"{count} day" if count == 1 else f"{count} days"

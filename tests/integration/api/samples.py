# ruff: noqa: E501 -- sample sentences and figures, one a line
"""Sample read models for the routes and pages; they live in the tests only.

The figures are those of the worked cases D01 (split order) and D05 (price promise).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.agreements import schemas as a
from api.disputes import schemas as d
from api.log import schemas as g
from api.reading import Money, PartyName, Text, plain
from api.statements import schemas as s

NAMES = {
    "platform": ("platform", Text("潮汐直播平台", "Tide Live")),
    "brand": ("merchant", Text("青禾美妆", "Qinghe Beauty")),
    "mcn": ("mcn", Text("星桥机构", "Starbridge MCN")),
    "streamer": ("streamer", Text("主播 S", "Streamer S")),
    "leader": ("leader", Text("团长 L", "Leader L")),
}
PARTY = {key: PartyName(key, key, role, name) for key, (role, name) in NAMES.items()}
REF = "head-streamer"


def cny(amount_minor: int) -> Money:
    return Money(amount_minor, "CNY")


def step(
    name: str, zh: str, en: str, kind: str, depth: int, payee: str | None, sum_: str, minor: int
) -> a.SplitStep:
    who = PARTY[payee] if payee else None
    return a.SplitStep(name, Text(zh, en), kind, depth, who, sum_, plain(sum_), cny(minor))  # type: ignore[arg-type]


MONEY_PATH = a.MoneyPath(
    clause="6.1",
    given=(
        a.FactGiven("paid", Text("实付", "paid"), "299.00"),
        a.FactGiven("freight", Text("运费", "freight"), "10.00"),
        a.FactGiven("platform_coupon", Text("平台券", "platform coupon"), "20.00"),
    ),
    whole=cny(31900),
    steps=(
        step("tech_fee", "技术服务费", "Technical fee", "leg", 0, "platform", "5% × 319.00", 1595),
        step("commission", "佣金", "Commission", "pool", 0, None, "20% × 309.00", 6180),
        step("alliance_fee", "联盟服务费", "Alliance fee", "leg", 1, "platform", "10% × 61.80", 618),
        step("mcn_share", "MCN 分成", "MCN share", "leg", 1, "mcn", "30% × (61.80 − 6.18)", 1669),
        step(
            "streamer_share",
            "主播所得",
            "Streamer share",
            "rest",
            1,
            "streamer",
            "61.80 − 6.18 − 16.69",
            3893,
        ),
        step("leader_fee", "团长服务费", "Leader fee", "pool", 0, None, "2% × 309.00", 618),
        step("leader_platform_fee", "平台抽成", "Platform part", "leg", 1, "platform", "10% × 6.18", 62),
        step("leader_net", "团长所得", "Leader net", "rest", 1, "leader", "6.18 − 0.62", 556),
        step(
            "merchant_net",
            "商家所得",
            "Merchant net",
            "rest",
            0,
            "brand",
            "319.00 − 15.95 − 61.80 − 6.18",
            23507,
        ),
    ),
    totals=tuple(
        a.PayeeTotal(PARTY[key], cny(minor))
        for key, minor in (
            ("platform", 2275),
            ("brand", 23507),
            ("mcn", 1669),
            ("streamer", 3893),
            ("leader", 556),
        )
    ),
    rounding="half_up",
    rounded_at="line",
)
CLAUSES = (
    ("6.1", "commission", "佣金以买家实付加平台券减运费为基数，按 20% 计提。技术服务费为实付加平台券的 5%。",
     "Commission is 20% of what the buyer paid plus the platform's coupon less freight. The technical fee is 5% of paid plus coupon.",
     "佣金 = 20% ×（实付 + 平台券 − 运费）", "commission = 20% of (paid + platform coupon − freight)"),
    ("6.2", "commission", "MCN 分成为佣金扣除联盟服务费后净额的 30%，余额归主播。",
     "The MCN's share is 30% of the commission net of the alliance fee; the rest is the streamer's.",
     "MCN 分成 = 30% ×（佣金 − 联盟服务费）", "MCN share = 30% of (commission − alliance fee)"),
    ("9.1", "price_parity", "2026 年 11 月 11 日前，同款同赠品不得在品牌自营店铺与直播间低于直播价销售。",
     "Until 11 November 2026 the same item with the same gifts is not sold below the live price in the brand's own store or live room.",
     "违约：后价 < 直播价", "breach: later price < live price"),
    ("14", "text", "不可抗力。", "Force majeure.", "", ""),
)  # fmt: skip
CANONICAL = (
    '{"agreement":"head-streamer","clauses":[{"id":"6.1"},{"id":"6.2"},{"id":"9.1"},{"id":"14"}],"version":1}'
)
AGREEMENT = a.AgreementDetail(
    id=REF, version=1, versions=(1,), title=Text("头部主播秋季合作协议", "Head streamer, autumn season"),
    status="signing", currency="CNY", time_zone="Asia/Shanghai", effective_from="2026-02-01T00:00:00+08:00",
    parties=tuple(PARTY.values()),
    signatures=tuple(
        a.SignatureShown(PARTY[key], "0x" + hashlib.sha256(key.encode()).hexdigest()[:40],
                         None if key == "mcn" else "2026-01-28T10:12:00+08:00",
                         None if key == "mcn" else "0x" + "5b" * 65)
        for key in PARTY
    ),
    clauses=tuple(
        a.ClauseShown(number, kind, Text(zh, en), Text(pzh, pen), bool(pzh),
                      f'{{"base":"paid + platform_coupon - freight","id":"{number}","kind":"{kind}","text":{{"zh":"{zh}"}}}}',
                      41 + 400 * at)
        for at, (number, kind, zh, en, pzh, pen) in enumerate(CLAUSES)
    ),
    path=MONEY_PATH,
    tests=(a.DocumentTest("D01", "paid 299.00, freight 10.00, coupon 20.00", "mcn_share 16.69", "16.69", holds=True),),
    findings=(a.FindingShown("promise.scope", "warning", Text("保价范围未写明赠品差异如何认定。", "The price promise does not say how gifts that differ are compared."), "clauses[2].scope", 88, "2026-10-24"),),
    chain=a.ChainRecord(1337, True, "0x" + "a1" * 20, "0x" + "c4" * 32, 7, "2026-01-30T09:00:00+08:00"),
    sha256="9f" * 32, keccak256="0x" + "3d" * 32, commitment="0x" + "77" * 32, canonical=CANONICAL,
    needs_signature_of=(),
)  # fmt: skip
LINES = tuple(
    s.StatementLine(n, f"2026030200{n:04d}", "1", "6.2", 1, "mcn_share", Text("MCN 分成", "MCN share"),
                    "reversed" if n % 9 == 8 else "earned", "2026-03-02T11:20:00+08:00",
                    cny(-1669 if n % 9 == 8 else 1669))
    for n in range(120)
)  # fmt: skip
STATEMENT = s.StatementDetail(
    id="st-mcn-2026-03", agreement=REF, version=1, party=PARTY["mcn"], period="2026-03",
    cutoff="2026-03-31T24:00:00+08:00".replace("24:00:00", "23:59:59"), status="issued",
    issued_at="2026-04-01T09:00:00+08:00", entry_seq=41, opening=cny(0),
    totals=(
        s.StatementTotal("6.2", "mcn_share", "earned", Text("MCN 分成", "MCN share"), 107, cny(178583)),
        s.StatementTotal("6.2", "mcn_share", "reversed", Text("退款冲正", "Reversed by refunds"), 13, cny(-21697)),
    ),
    carried_forward=cny(0), payable=cny(156886), lines=120, lines_root="d2" * 32, may_accept=False,
)  # fmt: skip
DISPUTE = d.DisputeDetail(
    id="D05", title=Text("保价被打破：品牌在自营直播间降价", "Price promise broken in the brand's own room"),
    agreement=REF, version=1, status="review", claimant=PARTY["streamer"], respondent=PARTY["brand"],
    claim=Text("请求向全部 12,500 名买家退还差价，并支付违约金 2,000,000 元。",
               "Pay the difference to all 12,500 buyers, and 2,000,000 in damages."),
    claimed=cny(414125000), filed_at="2026-11-02T10:00:00+08:00",
    facts=(
        d.CaseFact("live_price", Text("直播价", "Live price"), "429.00", "proven", ("price snapshot",), 12),
        d.CaseFact("later_price", Text("后价", "Later price"), "257.70", "proven", ("price snapshot",), 31),
        d.CaseFact("proven_loss", Text("已证损失", "Proven loss"), "600000.00", "proven", ("audit report",), 36),
        d.CaseFact("malice", Text("恶意", "Malice"), "no", "presumed", (), None),
    ),
    timeline=(
        d.TimelineEvent("2026-11-02T10:00:00+08:00", "filed", Text("主播 S", "Streamer S"), Text("主播公司提出争议", "The streamer's company files the dispute"), 33, due=False),
        d.TimelineEvent("2026-11-04T16:30:00+08:00", "evidence", Text("青禾美妆", "Qinghe Beauty"), Text("品牌提交优惠券配置记录", "The brand submits its coupon configuration"), 35, due=False),
        d.TimelineEvent("2026-11-09T09:00:00+08:00", "decided", Text("规则", "by rule"), Text("规则作出裁定，转人工复核", "Decided by rule, passed on for review"), 39, due=False),
        d.TimelineEvent("2026-11-16T18:00:00+08:00", "review", Text("仲裁人", "arbiter"), Text("复核期限", "The review is due"), None, due=True),
    ),
    decision=d.DecisionShown(
        outcome="granted_in_part", decided_at="2026-11-09T09:00:00+08:00", awarded=cny(283560000),
        components=(
            d.Component(Text("买家差价", "Price difference to buyers"), plain("171.30 × 12,000"), cny(205560000)),
            d.Component(Text("违约金", "Liquidated damages"), plain("min(2,000,000.00, 130% × 600,000.00)"), cny(78000000)),
        ),
        clauses=(d.ClauseCited("9.1", Text(CLAUSES[2][2], CLAUSES[2][3]), 1),),
        trace=(d.TraceStep("9.1", "breach", "later.price=257.70 live.price=429.00", Text("后价低于直播价，保价被打破", "The later price is below the live price: the promise is broken")),),
        postings=(
            d.DecisionPosting("brand.balance", Text("青禾美妆 · 余额", "Qinghe Beauty · balance"), "buyers.payment", Text("买家 · 退款", "Buyers · payment"), "price_difference", "decision", "settled", cny(205560000)),
            d.DecisionPosting("brand.balance", Text("青禾美妆 · 余额", "Qinghe Beauty · balance"), "streamer.balance", Text("主播 S · 余额", "Streamer S · balance"), "liquidated_damages", "decision", "settled", cny(78000000)),
        ),
        effects=(Text("第 9.1(b) 条（其他平台与线下）不予执行，转竞争合规审查。", "Clause 9.1(b) (other platforms, offline) is not enforced and goes to competition review."),),
        missing=(), human_review=True,
        review_reasons=(Text("金额超过 1,000,000 元", "The amount is above 1,000,000"),), reviewers=(Text("仲裁人", "arbiter"),),
        engines_agree=True, entry_seq=39,
    ),
)  # fmt: skip


@dataclass
class SampleLog:
    """A sealed log of five real leaves, with true proofs, so that the page's own check has something to hold."""

    size: int = 5
    leaves: list[str] = field(default_factory=list)
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))

    def __post_init__(self) -> None:
        self.leaves = [
            f'{{"format":"tallystick/leaf/v1","kind":"sale.recorded","seq":{n}}}' for n in range(self.size)
        ]

    def hash(self, low: int, high: int) -> bytes:
        if high - low == 1:
            return hashlib.sha256(b"\0" + self.leaves[low].encode()).digest()
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        return hashlib.sha256(b"\1" + self.hash(low, middle) + self.hash(middle, high)).digest()

    def path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        if index < middle:
            return [*self.path(index, low, middle), self.hash(middle, high)]
        return [*self.path(index, middle, high), self.hash(low, middle)]

    def vkey(self) -> tuple[str, bytes]:
        public = b"\1" + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        digest = hashlib.sha256(b"sample.log\n" + public).digest()[:4]
        return f"sample.log+{digest.hex()}+{base64.b64encode(public).decode()}", digest

    def note(self) -> str:
        root = base64.b64encode(self.hash(0, self.size)).decode()
        text = f"sample.log\n{self.size}\n{root}\n"
        signed = base64.b64encode(self.vkey()[1] + self.key.sign(text.encode())).decode()
        return f"{text}\n\u2014 sample.log {signed}\n"


SAMPLE_LOG = SampleLog()


def entry(seq: int) -> g.EntryShown:
    buyer: g.GroupShown = g.GroupShown(1, "erased", None, "bb" * 32, None, 4)
    if seq % 2:
        buyer = g.GroupShown(1, "withheld", None, "bb" * 32, None, None)
    kinds = ("agreement.signed", "sale.recorded", "receipt.confirmed", "refund.recorded", "statement.issued")
    opened = g.GroupShown(
        0, "opened", "order", "aa" * 32, '{"line":"1","order":"202603020001","paid":"299.00"}', None
    )
    return g.EntryShown(
        seq, kinds[seq], REF, "orders", f"202603020001/1/{seq}", "platform", "2026-03-02T11:20:00+08:00",
        "2026-03-02T03:20:05.000000Z", (opened, buyer),
    )  # fmt: skip

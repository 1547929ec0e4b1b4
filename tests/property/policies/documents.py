"""A document with every construct that formulas read, for random formulas over its facts."""

DOCUMENT = """\
language: 1
agreement: constructs
version: 1
title: {zh: 例, en: Constructs}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: Platform}}
  brand: {role: merchant, name: {zh: 品牌, en: Brand}}
events:
  listings: {text: {zh: 上架记录, en: listings seen}}
facts:
  paid: {type: money, of: case, text: {zh: 实付, en: amount paid}}
  freight: {type: money, of: case, text: {zh: 运费, en: freight charged}}
  times: {type: count, of: case, text: {zh: 次数, en: how often}}
  refunded: {type: bool, of: case, text: {zh: 已退款, en: is refunded}}
  channel: {type: enum, options: [store, live, other], of: case, text: {zh: 渠道, en: sales channel}}
  word: {type: text, of: case, text: {zh: 词, en: some word}}
  sold_on: {type: date, of: case, text: {zh: 成交日, en: day sold}}
  due_on: {type: date, of: case, text: {zh: 到期日, en: day due}}
  price: {type: money, of: order, text: {zh: 单价, en: unit price}}
  sku: {type: text, of: order, text: {zh: 商品, en: item}}
  back: {type: bool, of: order, text: {zh: 退回, en: sent back}}
  listing.sku: {type: text, of: listings, text: {zh: 上架商品, en: item listed}}
  seen: {type: money, of: listings, text: {zh: 所见价, en: price seen}}
tables:
  rates: {by: text, gives: rate, rows: {store: 2%, live: 5.5%, 美妆: 12.5%}, otherwise: 4%}
  fees: {by: count, gives: money, steps: [{upto: 3, value: 0.00}, {upto: 10, value: 500.01}, {value: 800.00}]}
  ladder:
    by: money
    gives: rate
    steps: [{upto: 0.5, value: 1%}, {upto: 1_000.00, value: 15%}, {upto: 3_000.00, value: 8.25%}, {value: 2%}]
clauses:
  - id: "1"
    kind: note
    text: {zh: 备注, en: A note}
"""

"""Statements as files that people keep: PDF, XLSX, CSV and JSON, the same bytes for the same statement.

A file says what was issued and nothing that came after, so it never changes. Text from outside is data in
each of them: never markup, never a formula.

paper.py     what all forms have in common: heading, the parts of the sum, lines with their words
as_pdf.py    set by typst; totals, and where the lines are
as_xlsx.py   a workbook, its lines on as many sheets as they need (sheets.py writes one)
as_csv.py    one table of sum and lines
as_json.py   the committed statement and its lines, canonical
"""

"""What a settlement run owes beyond the split of lines: what clauses award when it falls due, worked out.

Pure: clauses, facts and a day in, amounts out. Which orders and recorded facts count is the ledger's.
"""

"""What the record shows of a relationship: figures that conditions of entry read, and what registers come to.

figures.py    how many order lines, refunds, statements, contests and disputes there are under an agreement
counting.py   what the events of a register's item come to under the clause that they are told of
"""

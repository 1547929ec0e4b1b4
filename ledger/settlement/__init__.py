"""Settlement: from order lines in the log to postings and statements, as a pure function of what is named.

accounts.py    account names of a document and the accounts that postings go to
events.py      events that versions wait for, and the day each was recorded
opening.py     balances carried over from an agreement signed elsewhere
simulation.py  past lines replayed under a proposed version, share by share
version_causes.py  what a version changes of the same orders, by changed term
forecast.py    what will be payable by day, if nothing more happens
order_file.py  order files as books of lines, for commands that write nothing
deal.py        the terms of an agreement with those of what feeds it
attributed.py  whose each line is, where agreements say which orders are their own
claims.py      claims to lines that are nobody's, as entries of the log
suspense.py    what of the escrow is nobody's, and what is another agreement's
terms.py       the versions of an agreement, and what settlement reads of each
facts.py       line events of the log as columns, all of them or a range of keys at a time
fact_cells.py  texts of facts as cells of columns
state.py       which lines are earned at a cut-off, and how much of them a refund takes back
kernels.py     the split and its reversal over those lines, by columns or by the exact reader
windows.py     what windows of a ladder held before each line, and what they still make up
rounding.py    what rounding once per statement leaves of the lines' own rounding
counting.py    what windows hold, counted by columns or by the exact reader
moved.py       what the lines of one version move, computed here or elsewhere
moves.py       what a kernel's columns mean: who is paid or charged, under which clause
dues.py        what is owed beside the lines' own splits, and what a run moves of it
clause_dues.py what clauses award when it falls due: all that is due at a point, and what is held
due_*.py       for it: the occasions, the orders that count, what accounts hold by then, rates of exchange
recorded_facts.py  facts that dues rest on, as parties told them
whole_run.py   a run as a whole, lines and dues
beside.py      pieces of work beside each other, results in order
moved_rows.py  what lines moved, in memory or put down in a file
run.py         the lines of one run: the state now less the state at the run before
write_offs.py  debts given up by two members of who bears them
digest.py      one digest of a run's rows, whatever computed them
partitions.py  order lines as Parquet, cut into stretches that are each settled by themselves
cluster.py     stretches settled by the workers of a Dask scheduler
books.py       a run's postings, in groups that each read their own of
runs.py        runs that stand in the log
issue.py       a run written into the log: postings and statements in one transaction
rebuild.py     line files made again, statements held against the log
decisions.py   the postings of a decided dispute
"""

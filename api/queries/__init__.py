"""The query desk of a dispute: searching the ledger, saving what was found, widening by order."""

"""The office: where documents, log, accounts and chain meet, whoever asks (page, API or command line).

Nothing here knows about HTTP or terminals, and nothing here decides who may do what: the doors do that.
"""

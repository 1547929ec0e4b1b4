"""The agreement language. Pure: no clock, no network, no database."""

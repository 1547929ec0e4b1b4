"""Why a figure is what it is, and why a party got what it got out of an order."""

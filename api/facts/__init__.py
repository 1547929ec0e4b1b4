"""Facts that what falls due rests on: recorded and contested by parties over the API."""

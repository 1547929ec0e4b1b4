"""Exchange over the API and on its page: rates, conversions, gains and losses."""

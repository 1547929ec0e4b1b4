"""Credit over the API and on its page: scores, points with their reasons, appeals."""

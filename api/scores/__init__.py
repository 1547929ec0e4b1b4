"""Scores over the API and on their page: recorded by the platform, read by who was scored."""

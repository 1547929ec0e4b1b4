"""JSON API, web pages and command line. The only place that knows HTTP."""

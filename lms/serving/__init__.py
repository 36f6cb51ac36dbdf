"""The processes of a site: the web server, the worker beside it, and what ``make run`` does with both."""

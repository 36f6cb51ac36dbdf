"""Counters for rate limits, in our own database so that they hold across processes; the edge is `lms.web.limits`."""

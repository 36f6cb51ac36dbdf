"""When the site was away: a beat every few seconds by whoever takes requests, and a row for each gap between two."""

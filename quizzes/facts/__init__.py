"""Facts about questions: sums that are kept up to date as attempts close, so that no page has to read them all."""

"""Text: Markdown made safe, languages picked, hostile signs cleaned, slugs."""

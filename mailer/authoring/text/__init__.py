"""Text as authors write it: Markdown, merge fields, web addresses, dates."""

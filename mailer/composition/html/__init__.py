"""Blocks become the HTML part: MJML, then inlined styles."""

"""Who: people, their organisations, what they agreed to, and who must be left alone.

This package knows no web, no queue, no cache and no mail protocol; it can be used alone.
"""

"""People, their organisations, what they agreed to, and which addresses must get no mail.

This package knows no web, no queue, no cache and no mail protocol; it can be used alone.
"""

"""What reaches people and what comes back, in the order in which it happens.

audience → authoring → campaigns → composition → delivery → receipts → reports.
"""

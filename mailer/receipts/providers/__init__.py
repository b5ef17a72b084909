"""Events that providers report by webhook: proved to be theirs, and read into one vocabulary.

Nothing here touches a database, a clock or the network: the web view passes the request and the
time, and records the events.
"""

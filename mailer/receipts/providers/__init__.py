"""What providers tell us by webhook: proved to be theirs, and read into one vocabulary.

Nothing here touches a database, a clock or the network: the door brings the request and the
moment, and writes down what comes out.
"""

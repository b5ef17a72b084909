"""The composer: its page, what is done to blocks, drafts and their versions, and checks."""

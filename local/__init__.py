"""The whole portal on one laptop: MiniStack for AWS, a stand-in for GMO, a mailbox, a demo."""

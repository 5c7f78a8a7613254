"""``agentbot doctor``: all that a bot needs is tried, and each part is ok or says what to do."""

"""From a customer's messages to a turn with its outcome, one conversation at a time."""

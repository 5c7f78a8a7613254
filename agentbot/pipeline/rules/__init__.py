"""Rules: the operator's own conditions, and what is said or done where they hold."""

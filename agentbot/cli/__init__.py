"""The agentbot command."""

"""agentbot: an auto-responder agent for Papercups live chat."""

__version__ = "0.1.0"

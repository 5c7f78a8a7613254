"""Papercups as its clients meet it: models, auth, REST, the agent's and the customer's session."""

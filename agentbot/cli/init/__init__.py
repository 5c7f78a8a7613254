"""``agentbot init``: the first prompts folder and .env of an operator."""

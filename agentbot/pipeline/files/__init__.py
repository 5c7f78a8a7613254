"""How an operator's file is read: YAML with places, models, templates, problems."""

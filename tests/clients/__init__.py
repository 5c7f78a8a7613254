"""Papercups' own browser clients, from their packages, against the devserver and the bot."""

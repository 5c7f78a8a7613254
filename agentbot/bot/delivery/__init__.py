"""Carrying out a decision: the text once, then what follows it."""

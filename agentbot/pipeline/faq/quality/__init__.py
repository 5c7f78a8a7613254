"""How good the FAQ is, and what would make it better: for operators, not for a turn."""

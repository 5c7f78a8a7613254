"""How likely an entry answers a question, and how likely it must be: judge, bar, calibration."""

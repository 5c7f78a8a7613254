"""The checks of an answer before it is said: local, in process, without a model."""

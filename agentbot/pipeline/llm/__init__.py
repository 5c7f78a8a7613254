"""The language model: how it is asked, and what becomes of its answer."""

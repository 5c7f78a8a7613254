"""A text's words, figures and days, and the parts that it is cut into."""

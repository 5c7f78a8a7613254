"""Languages: what the bot says and understands without an operator's words, a file for each.

`pack` reads the files ``<code>.yaml`` beside it.
"""

"""FAQ entries of what exists: a CSV table, or help pages in markdown and HTML.

`rows` and `pages` make the entries, `written` the file for ``prompts/faq/``; the other modules
read. What a customer must not be told (drafts, comments, notes to colleagues) is left out, and
what is left out is named.
"""

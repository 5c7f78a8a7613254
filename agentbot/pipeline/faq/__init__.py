"""FAQ triage: the operator's own answers, given verbatim when it is sure enough, else not.

A question is compared with every phrasing of every entry (`views`), a classifier trained on those
phrasings says which entry it belongs to (`classifier`), and a calibrated judge says how likely
that entry is the right answer, or whether any entry is (`judge`). `matcher` puts them together.
Only `entries`, `outcomes` and `importers` load without numpy.
"""

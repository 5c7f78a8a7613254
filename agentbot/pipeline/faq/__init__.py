"""FAQ triage: the operator's own answers, given word for word where the FAQ is sure enough.

A question is compared with every phrasing of every entry (`views`), a classifier trained on those
phrasings says which entry it belongs to (`classifier`), and a calibrated judge says how likely
that entry is the right answer, or whether any entry is (`judge`). `matcher` puts them together.
`retrieval` keeps what the matcher said, and `responder` decides by it; `gaps` groups the questions
that nothing answered. `entries`, `outcomes`, `retrieval` and `responder` load without
numpy.
"""

"""FAQ triage: the operator's own answers, given word for word where the FAQ is sure enough.

A question is compared with every phrasing of every entry, by its words and by vectors of meaning
(`similarity`, `embedders`). A regression on those phrasings says which entries may answer it, and
of what was seen of them a judge makes the probability that each does, or none; how probable is
enough is rehearsed in the FAQ itself (`judging`). What a question asks by its own words (its
sentences, its slips, a condition or an opposite in it) can still speak against that (`questions`).
`matcher` puts them together, `retrieval` keeps what it said, and `responder` decides by it.
`quality` tells operators how good their FAQ is, and `importing` brings entries from elsewhere.
`entries`, `outcomes`, `retrieval` and `responder` load without numpy.
"""

"""FAQ triage: the operator's own answers, given word for word where the FAQ is sure enough.

A question is compared with every phrasing of every entry (`phrasings`), by its words (`lexical`)
and vectors of meaning (`embedders`). A regression on those phrasings says which entries may answer
it (`ridge`), and of what was seen of them (`features`) a judge makes the probability that each
does, or none (`judge`). How probable is enough is rehearsed in the FAQ itself (`bar`). `matcher`
puts them together; where a question is in another language than the FAQ, meaning speaks for its
words (`crossing`).
`retrieval` keeps what the matcher said, and `responder` decides by it; `gaps` groups the questions
that nothing answered. `entries`, `outcomes`, `retrieval` and `responder` load without
numpy.
"""

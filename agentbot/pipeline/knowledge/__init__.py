"""Knowledge: what may be told to customers, in pieces that rules, FAQ and model share.

`passage` is the noun: an entry of the FAQ, or a piece of a page. `pages` reads the operator's
``pages/``, with what stands above each (`front_matter`), as its reader sees it (`seen`), cut at
headings (`cutting`); `importing` makes such files of a help centre's. `index` finds passages by
their words (`by_words`) and their meanings (`by_meaning`, of a few sentences each: `windows`),
`search` keeps what was found for a question, `retriever` gives a model its passages, and `offering`
offers customers a page. `passage`, `search`, `retriever` and `offering` load without numpy.
"""

"""Knowledge: what may be told to customers, in pieces that rules, FAQ and model share.

`passage` is the noun: an entry of the FAQ, or a piece of a page. `pages` reads the operator's
``pages/``, with what stands above each (`front_matter`), as its reader sees it (`seen`), cut at
headings (`cutting`). `index` finds passages by their words (`by_words`) and their meanings
(`by_meaning`), `search` keeps what was found for a question, and `retriever` gives a model its
passages. `passage`, `search` and `retriever` load without numpy.
"""

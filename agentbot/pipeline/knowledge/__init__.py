"""Knowledge: what may be told to customers, in pieces that rules, FAQ and model share.

`passage` is the noun: a piece of a FAQ or of a page. `retriever` gives those that go with a
question.
"""

"""Rules: the operator's own conditions, and what is said and done where they hold.

`compiler` makes `rule.Rule` objects of what stands in rules.yaml, with `conditions` and, for
``when:``, `cel`; `responder` tries them in order.
"""

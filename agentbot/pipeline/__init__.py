"""From a customer's turn to a decision. No socket, no REST, no database.

`pipeline.Pipeline` asks the guards whether the bot may speak at all, then one responder after the
other until one decides. Two responders stand in rooms of their own, `rules` and `faq`; a third,
`llm`, asks a language model. What it may answer from is `knowledge`.
`hours` says when the shop is open, and `files` how an operator's file is read; both know nothing
of the responders. `prompts` loads the operator's folder whole.
"""

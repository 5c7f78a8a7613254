"""An embedded Papercups-compatible server for demos and tests.

It shares no model with ``agentbot.papercups``: a wrong one there must fail here, not agree with
itself. Imports between its rooms go one way (``tests/support/floors.py``): :mod:`store` is what
the server keeps; :mod:`backend` adds who listens where, who is present and which faults are on;
:mod:`rest` and :mod:`realtime` are the two ways in; :mod:`server` is the whole without a network,
:mod:`app` and :mod:`serve` put it on one, and :mod:`demo` adds the chat page.

Where a fact about the real server is not plain, its source stands beside it: ``[T: name]`` is the
recording ``tests/transcripts/name.jsonl``, ``[S]`` is Papercups' own source.
"""

"""Tools: look-ups of other systems over HTTP, as the operator declares them in tools.yaml.

`file` is the shape of tools.yaml and `compiler` makes `tool.Tool` objects of it; `address` builds
URLs that no parameter can leave, `hosts` says which addresses may be connected to, `client` makes
the one exchange, `result` keeps what was asked for, and `toolbox` is what rules and model call.
"""

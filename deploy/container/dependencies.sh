#!/bin/sh
# Make /opt/agentbot, with the packages that the file $1 names. It runs in a stage of the Dockerfile.
set -eu
here=$(dirname "$0")

python -m venv --without-pip /opt/agentbot
/build/bin/pip --python /opt/agentbot/bin/python install --no-cache-dir --no-compile --no-deps \
  --require-hashes -r "$here/$1"
/opt/agentbot/bin/python "$here/trim.py" /opt/agentbot
# In a container nothing can be compiled later, for its root is read-only; and in the form that is not
# checked against the sources, whose times change from copy to copy.
/opt/agentbot/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/agentbot/lib

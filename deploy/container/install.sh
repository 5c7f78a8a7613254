#!/bin/sh
# Put agentbot itself into /app, beside the bill of materials of all that is installed. It runs in
# a stage of the Dockerfile.
set -eu

/build/bin/pip --python /opt/agentbot/bin/python install --no-cache-dir --no-compile --no-deps \
  --no-index --prefix /app /wheel/*.whl
/opt/agentbot/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/lib
mkdir -p /app/share/sbom
cp -a /app/. /opt/agentbot/
# Not validated here, which takes longer than all else, and minutes where another architecture is
# emulated: a test does it.
/build/bin/cyclonedx-py environment --no-validate --output-reproducible --output-format JSON \
  --output-file /app/share/sbom/agentbot.cdx.json /opt/agentbot/bin/python

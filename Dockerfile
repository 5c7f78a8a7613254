# docker build .                 with all that the FAQ needs to be searched by meanings
# docker build --target slim .   by words alone, and 100 MB less
# docker build --target mcp .    for MCP servers in tools.yaml, and 21 MB more
# docker build --build-arg BASE=… .   on another image with Python 3.13 and Debian's glibc
ARG BASE=python:3.13-slim

FROM ${BASE} AS tools
WORKDIR /src
COPY deploy/container/build.txt deploy/container/
# strip comes from Debian, in whichever version it has: it is a tool of this stage, not of the image.
# hadolint ignore=DL3008
RUN apt-get -o Acquire::Retries=3 update && apt-get -o Acquire::Retries=3 install -y --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
# --no-deps, here and below: the files name every package there is to be, each with its hashes.
RUN python -m venv /build \
 && /build/bin/pip install --no-cache-dir --no-deps --require-hashes -r deploy/container/build.txt

FROM tools AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY prompts prompts
COPY agentbot agentbot
RUN /build/bin/python -m hatchling build -t wheel -d /wheel

FROM tools AS dependencies-slim
COPY deploy/container/dependencies.sh deploy/container/trim.py deploy/container/
COPY deploy/container/requirements-slim.txt deploy/container/
RUN sh deploy/container/dependencies.sh requirements-slim.txt

FROM tools AS dependencies
COPY deploy/container/dependencies.sh deploy/container/trim.py deploy/container/
COPY deploy/container/requirements.txt deploy/container/
RUN sh deploy/container/dependencies.sh requirements.txt

FROM tools AS dependencies-mcp
COPY deploy/container/dependencies.sh deploy/container/trim.py deploy/container/
COPY deploy/container/requirements-mcp.txt deploy/container/
RUN sh deploy/container/dependencies.sh requirements-mcp.txt

# agentbot itself is a layer of its own: the next release is a small download.
FROM dependencies-slim AS built-slim
COPY --from=wheel /wheel /wheel
COPY deploy/container/install.sh deploy/container/
RUN sh deploy/container/install.sh

FROM dependencies AS built
COPY --from=wheel /wheel /wheel
COPY deploy/container/install.sh deploy/container/
RUN sh deploy/container/install.sh

FROM dependencies-mcp AS built-mcp
COPY --from=wheel /wheel /wheel
COPY deploy/container/install.sh deploy/container/
RUN sh deploy/container/install.sh

FROM ${BASE} AS base
# Nothing is installed in a running container: without pip there is less to attack, and to scan.
# /var/lib/agentbot is where the state was kept before /data: what is mounted there is found still.
RUN rm -rf /usr/local/bin/pip* /usr/local/bin/idle* /usr/local/lib/python3*/ensurepip \
    /usr/local/lib/python3*/idlelib /usr/local/lib/python3*/site-packages/pip* \
 && groupadd --system --gid 10001 agentbot \
 && useradd --system --uid 10001 --gid agentbot --home-dir /data --no-create-home --shell /usr/sbin/nologin agentbot \
 && install -d -o agentbot -g agentbot -m 0750 /data \
 && ln -s /data /var/lib/agentbot
ENV PATH=/opt/agentbot/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    AGENTBOT_HTTP__HOST=0.0.0.0 \
    AGENTBOT_STATE_URL=sqlite:////data/agentbot.db \
    AGENTBOT_FAQ__CACHE_DIR=/data/cache
# In /, ./prompts is /prompts: mount your folder there. Without one, `run` refuses to start: what is in
# the wheel is the example.
WORKDIR /
# By number, so that Kubernetes sees that it is not root.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# -I and -S: Python alone, which is up in 20 ms.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["python", "-ISc", \
  "import os, socket; s = socket.create_connection(('127.0.0.1', int(os.environ.get('AGENTBOT_HTTP__PORT') or 8080)), 4); s.sendall(b'GET /healthz HTTP/1.0\\r\\n\\r\\n'); raise SystemExit(b' 200 ' not in s.recv(64))"]
ENTRYPOINT ["agentbot"]
CMD ["run"]
ARG REVISION=unknown
LABEL org.opencontainers.image.title="agentbot" \
      org.opencontainers.image.description="An auto-responder for Papercups live chat" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"

FROM base AS slim
COPY --from=dependencies-slim /opt/agentbot /opt/agentbot
COPY --from=built-slim /app /opt/agentbot

FROM base AS mcp
COPY --from=dependencies-mcp /opt/agentbot /opt/agentbot
COPY --from=built-mcp /app /opt/agentbot

FROM base
COPY --from=dependencies /opt/agentbot /opt/agentbot
COPY --from=built /app /opt/agentbot

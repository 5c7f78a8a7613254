# docker build .                 with all that the FAQ needs to be searched by meanings
# docker build --target slim .   by words alone: 170 MB less
FROM python:3.13-slim AS source
WORKDIR /src
COPY constraints.txt requirements-slim.txt pyproject.toml README.md LICENSE ./
COPY agentbot agentbot
COPY prompts prompts
RUN python -m venv /opt/agentbot

FROM source AS built-slim
RUN /opt/agentbot/bin/pip install --no-cache-dir -c constraints.txt -r requirements-slim.txt \
 && /opt/agentbot/bin/pip install --no-cache-dir --no-deps .

FROM source AS built
RUN /opt/agentbot/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim AS base
RUN useradd --system --uid 10001 --home-dir /var/lib/agentbot --create-home agentbot
ENV PATH=/opt/agentbot/bin:$PATH \
    AGENTBOT_HTTP__HOST=0.0.0.0 \
    AGENTBOT_STATE_URL=sqlite:////var/lib/agentbot/agentbot.db
# In /, ./prompts is /prompts: mount your folder there. Without one, `run` refuses to start: what is in
# the wheel is the example.
WORKDIR /
USER agentbot
VOLUME /var/lib/agentbot
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["python", "-c", \
  "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('AGENTBOT_HTTP__PORT') or 8080}/healthz\", timeout=4)"]
ENTRYPOINT ["agentbot"]
CMD ["run"]

FROM base AS slim
COPY --from=built-slim /opt/agentbot /opt/agentbot

FROM base
COPY --from=built /opt/agentbot /opt/agentbot

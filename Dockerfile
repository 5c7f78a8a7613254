FROM python:3.13-slim AS build
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY agentbot agentbot
COPY prompts prompts
RUN python -m venv /opt/agentbot \
 && /opt/agentbot/bin/pip install --no-cache-dir -c constraints.txt '.[semantic]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/agentbot --create-home agentbot
COPY --from=build /opt/agentbot /opt/agentbot
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

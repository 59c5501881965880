# tensorreel on Debian 12, with Debian's own packages; which ones they are stands in tools/system-packages.
#   docker build -t tensorreel .
#   docker run --rm -u "$(id -u)" -v "$PWD:/work" tensorreel render attn-weights
FROM debian:bookworm
WORKDIR /opt/tensorreel
COPY . .
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates make python3 && tools/system-packages python3 && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/venv && /opt/venv/bin/python -m pip install --no-cache-dir -c constraints.txt '.[slides]'
ENV PATH=/opt/venv/bin:$PATH XDG_CACHE_HOME=/tmp
WORKDIR /work
ENTRYPOINT ["tensorreel"]

# One image for Airflow's processes, the init job and the SFTP drop; everything in it comes from uv.lock.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim-bookworm AS builder
ARG UV_VERSION=0.13.9
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /build
COPY pyproject.toml uv.lock ./
# As the Makefile does it: the lock pins versions and hashes, the index comes from where the image is built.
ARG PIP_INDEX_URL
RUN if [ -n "${PIP_INDEX_URL}" ]; then export PIP_INDEX_URL UV_DEFAULT_INDEX="${PIP_INDEX_URL}"; fi \
    && python -m venv /opt/uv \
    && /opt/uv/bin/pip install --quiet "uv==${UV_VERSION}" \
    && python -m venv --without-pip /opt/venv \
    && /opt/uv/bin/uv export --quiet --frozen --no-dev --no-emit-project --output-file requirements.txt >/dev/null \
    && /opt/uv/bin/uv pip install --quiet --python /opt/venv/bin/python --require-hashes -r requirements.txt

FROM python:${PYTHON_VERSION}-slim-bookworm
RUN groupadd --gid 50000 cchc \
    && useradd --uid 50000 --gid 50000 --home-dir /var/lib/cchc --no-create-home --shell /usr/sbin/nologin cchc \
    && install -d -o cchc -g cchc -m 0750 /var/lib/cchc /var/lib/cchc/airflow /var/lib/cchc/home /var/lib/cchc/drop
COPY --from=builder /opt/venv /opt/venv
WORKDIR /opt/cchc
COPY pipelines pipelines
COPY expectations expectations
COPY warehouse warehouse
COPY dags dags
COPY deploy deploy
# The program `cchc`: the sources stay readable where they are, so that the warehouse lies beside them.
RUN printf '#!/opt/venv/bin/python\nfrom pipelines.cli.app import main\n\nmain()\n' > /opt/venv/bin/cchc \
    && chmod 0755 /opt/venv/bin/cchc \
    && /opt/venv/bin/python -m compileall -q pipelines expectations dags deploy
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/cchc \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    CCHC_HOME=/var/lib/cchc/home \
    DO_NOT_TRACK=1 \
    GX_ANALYTICS_ENABLED=false
USER 50000:50000
CMD ["cchc", "--help"]

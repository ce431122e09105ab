"""What all DAGs share: owner, hours, pool, retries by error class, timeouts, assets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule

from pipelines.domain.errors import CchcError, DataRefused, InternalFault, SourceUnavailable, WrongUse
from pipelines.sources.registry import all_contracts

OWNER = "cchc"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2020, 1, 1, tzinfo=ZONE)

# Exports appear at one o'clock. What has not come through by five is published the next time.
COLLECT_AT = "30 1 * * *"
RELEASE_AT = "0 5 * * *"
MONTHLY_AT = "0 7 1 * *"

# One slot: load, build and publish write to the same home. The lock of the home is what guarantees it;
# the pool keeps tasks from sitting in a worker while they wait.
WRITER_POOL = "cchc_writer"
WRITER_SLOTS = 1

# Where the exports lie, when it is kept in Airflow; without it CCHC_INBOX or HOME/inbox counts.
INBOX_CONNECTION = "cchc_inbox"

SOURCES = tuple(sorted({contract.source for contract in all_contracts()}))
LOADED = {source: Asset(f"cchc_loaded_{source}", uri=f"cchc://lake/{source}") for source in SOURCES}
PUBLISHED = Asset("cchc_published", uri="cchc://published/current")

# The class of an error says whether trying again can help; what is not ours (a full disk, a killed
# process) is tried again by the task's own count.
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=f"{error.__module__}.{error.__qualname__}",
            action=RetryAction.RETRY if error.retryable else RetryAction.FAIL,
            reason=f"{error.__name__}: {'worth a retry' if error.retryable else 'trying again would not help'}",
        )
        for error in (SourceUnavailable, DataRefused, WrongUse, InternalFault, CchcError)
    ]
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 3,
    "retry_delay": timedelta(minutes=5),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(hours=1),
}
LONG = timedelta(hours=3)
RUN_TIMEOUT = timedelta(hours=10)

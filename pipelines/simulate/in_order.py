"""Rows of a table that went through joins, in the table's order again.

DuckDB's threads probe a join side by side and hand on what they have, so that rows come in runs that are in order
within themselves only. Each row bears its place in the table; runs wait here until it is their turn.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from pipelines.domain.errors import InternalFault


def in_order(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Slices of the batches by ``place``, an int64 column that numbers the rows from 0 without gaps.

    Raises:
        InternalFault: a place was left out.
    """
    waiting: list[tuple[int, int, pa.RecordBatch]] = []
    turn = 0
    for batch in batches:
        places = _places(batch)
        edges = [0, *(np.flatnonzero(np.diff(places) != 1) + 1).tolist(), len(places)]
        for start, end in pairwise(edges):
            if end > start:
                heapq.heappush(waiting, (int(places[start]), end - start, batch.slice(start, end - start)))
        while waiting and waiting[0][0] == turn:
            _, rows, run = heapq.heappop(waiting)
            turn += rows
            yield run
    if waiting:
        raise InternalFault(f"Row {turn} of a table did not come; {len(waiting)} runs of later rows did.")


def _places(batch: pa.RecordBatch) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The places as they lie in memory (``to_numpy`` would import pandas)."""
    column = batch.column("place")
    return np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column)]

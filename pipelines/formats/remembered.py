"""What became of the values of a column in the batches before, so that none is hashed twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# How many values a column may have to be remembered, and what share of a batch must be known for that to pay.
_MOST, _LEAST_KNOWN = 200_000, 0.1


class Remembered:
    """Values and what they became, batch after batch: ``unknown`` before they are asked for, ``of_all`` after.

    A column whose values do not come again is forgotten; of one that has too many, the first are kept.
    """

    def __init__(self) -> None:
        self._known = self._became = self._unknown = pa.array([], pa.large_string())
        self._places = pa.array([], pa.int32())
        self._pays = True

    def unknown(self, values: pa.Array) -> pa.Array:
        """Of distinct values those that must be asked for."""
        self._places = pc.index_in(values, value_set=self._known)
        self._unknown = values.filter(pc.is_null(self._places))
        if len(self._known) and len(self._unknown) > (1 - _LEAST_KNOWN) * len(values):
            self._pays = False
        return self._unknown

    def of_all(self, became: pa.Array) -> pa.Array:
        """What all values became, given what the unknown ones did."""
        places = self._places.fill_null(-1).to_numpy(zero_copy_only=False).copy()
        places[places < 0] = len(self._known) + np.arange(len(became))
        all_became = pa.concat_arrays([self._became, became])
        if not self._pays:
            self._known = self._became = self._known[:0]
        elif len(all_became) <= _MOST:
            self._known, self._became = pa.concat_arrays([self._known, self._unknown]), all_became
        return all_became.take(pa.array(places))

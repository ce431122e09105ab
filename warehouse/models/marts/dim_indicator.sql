select
    indicator_code,
    system,
    name_vi,
    name_en,
    legal_basis,
    certainty,
    formula_vi,
    formula_en,
    unit,
    better,
    over_time,
    line_766,
    na_reason,
    missing_vi,
    missing_en,
    {{ as_of() }} as as_of
from {{ ref('indicators') }}

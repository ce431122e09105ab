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
    {{ as_of() }} as as_of
from {{ ref('indicators') }}

-- Fingerprints of handling that a reader should look at, with the province's share beside. Not an accusation.
with province as (
    select
        signal_code,
        month,
        cast(sum(affected_count) as double) / sum(base_count) as province_share
    from {{ ref('int_signal__dossiers') }}
    group by signal_code, month
)

select
    found.signal_code,
    found.agency_code,
    found.month,
    found.affected_count,
    found.base_count,
    cast(found.affected_count as double) / found.base_count as share,
    province.province_share,
    sentences.sentence_vi,
    sentences.sentence_en,
    {{ as_of() }} as as_of
from {{ ref('int_signal__dossiers') }} as found
inner join province on found.signal_code = province.signal_code and found.month = province.month
inner join {{ ref('signals') }} as sentences on found.signal_code = sentences.signal_code
where found.affected_count > 0

-- vi: Mỗi nguồn dữ liệu mới đến ngày nào, nguồn nào cũ hơn các nguồn khác?
-- en: Up to which day is each source known, and which one lags behind the others?
-- asked by: mọi người đọc số liệu; every reader of a figure
select
    source,
    stream,
    last_exported_at,
    age_days,
    batch_count,
    rows_loaded,
    rows_quarantined
from rpt_source_freshness
order by age_days desc, source asc, stream asc;

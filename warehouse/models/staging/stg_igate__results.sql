-- Papers that a dossier ended in, DanhSachGiayToKetQua (domain.md §2.3).
select
    dossier_code,
    item as result_number,
    component_code,
    document_id,
    result_code,
    link is not null as has_link,
    {{ lineage() }}
from {{ child_items(
    source('raw', 'igate__dossiers'),
    'results',
    ['component_code', 'document_id', 'link', 'result_code'],
    ['dossier_code']
) }}

-- Fees and charges of a dossier, DanhSachLePhi (domain.md §2.3).
select
    dossier_code,
    child.item as fee_number,
    child.fee_name,
    child.fee_code,
    {{ as_integer('child.collected_at_step') }} as collected_at_step,
    {{ as_decimal('child.amount') }} as amount,
    child.fee_type,
    {{ lineage() }}
from {{ child_items(
    source('raw', 'igate__dossiers'),
    'fees',
    ['fee_name', 'fee_code', 'collected_at_step', 'amount', 'fee_type'],
    ['dossier_code']
) }} as items

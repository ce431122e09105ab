-- Fees and charges of a dossier, DanhSachLePhi (domain.md §2.3).
select
    dossier_code,
    item as fee_number,
    fee_name,
    fee_code,
    {{ as_integer('collected_at_step') }} as collected_at_step,
    {{ as_decimal('amount') }} as amount,
    fee_type,
    {{ lineage() }}
from {{ child_items(
    source('raw', 'igate__dossiers'),
    'fees',
    ['fee_name', 'fee_code', 'collected_at_step', 'amount', 'fee_type'],
    ['dossier_code']
) }}

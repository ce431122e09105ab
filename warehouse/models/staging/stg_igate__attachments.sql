-- Files handed in: TaiLieuNop, DanhSachTepDinhKemKhac, and those of each component (domain.md §2.3).
{% set components -%}
(
    select
        dossier_code,
        item as component_number,
        component_code,
        files,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at
    from {{ child_items(
        source('raw', 'igate__dossiers'), 'components', ['component_code', 'files'], ['dossier_code']
    ) }}
)
{%- endset %}

select
    dossier_code,
    'submitted' as list_name,
    cast(null as integer) as component_number,
    item as attachment_number,
    component_code,
    attachment_id,
    cast(null as varchar) as document_type,
    cast(null as integer) as copies,
    {{ as_boolean('is_deleted') }} as is_deleted,
    {{ as_boolean('is_digitised') }} as is_digitised,
    {{ as_boolean('is_reused') }} as is_reused,
    {{ as_boolean('is_from_repository') }} as is_from_repository,
    link is not null as has_link,
    {{ lineage() }}
from {{ child_items(
    source('raw', 'igate__dossiers'),
    'attachments',
    ['component_code', 'attachment_id', 'is_deleted', 'is_digitised', 'is_reused', 'is_from_repository', 'link'],
    ['dossier_code']
) }}

union all

select
    dossier_code,
    'other' as list_name,
    cast(null as integer) as component_number,
    item as attachment_number,
    cast(null as varchar) as component_code,
    cast(null as varchar) as attachment_id,
    document_type,
    {{ as_integer('copies') }} as copies,
    cast(null as boolean) as is_deleted,
    cast(null as boolean) as is_digitised,
    cast(null as boolean) as is_reused,
    cast(null as boolean) as is_from_repository,
    false as has_link,
    {{ lineage() }}
from {{ child_items(
    source('raw', 'igate__dossiers'), 'other_attachments', ['document_type', 'copies'], ['dossier_code']
) }}

union all

select
    dossier_code,
    'component' as list_name,
    component_number,
    item as attachment_number,
    component_code,
    attachment_id,
    cast(null as varchar) as document_type,
    cast(null as integer) as copies,
    cast(null as boolean) as is_deleted,
    cast(null as boolean) as is_digitised,
    cast(null as boolean) as is_reused,
    cast(null as boolean) as is_from_repository,
    false as has_link,
    {{ lineage() }}
from {{ child_items(
    components, 'files', ['attachment_id'], ['dossier_code', 'component_number', 'component_code']
) }}

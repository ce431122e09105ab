-- Every exported version of every dossier. Personal columns stay in the lake (see not_carried in the YAML).
-- What a nested record tells in its lists stands in for the register's column.
select
    dossier_code,
    procedure_code,
    procedure_name,
    sector_code,
    sector_name,
    {{ as_integer('service_level') }} as service_level,
    {{ as_integer('channel') }} as channel,
    applicant_type,
    {{ as_timestamp('submitted_at') }} as submitted_at,
    {{ as_timestamp('received_at') }} as received_at,
    {{ as_timestamp('due_at') }} as due_at,
    {{ as_timestamp('ended_at') }} as ended_at,
    {{ as_timestamp('returned_at') }} as returned_at,
    {{ as_timestamp('refused_at') }} as refused_at,
    {{ as_integer('status_code') }} as status_code,
    {{ as_integer('return_method') }} as return_method,
    agency_code,
    receiving_agency_code,
    {{ as_integer('online_payment') }} as online_payment,
    coalesce({{ as_decimal('fee_amount') }}, {{ child_sum('fees', 'amount') }}) as fee_amount,
    coalesce({{ as_integer('supplement_count') }}, {{ child_count('supplements') }}) as supplement_count,
    coalesce(
        {{ as_timestamp('supplement_requested_at') }}, {{ child_latest('supplements', 'requested_at') }}
    ) as supplement_requested_at,
    coalesce(
        {{ as_timestamp('supplement_received_at') }}, {{ child_latest('supplements', 'received_at') }}
    ) as supplement_received_at,
    coalesce({{ as_integer('document_count') }}, {{ child_count('attachments') }}) as document_count,
    coalesce(
        {{ as_boolean('component_digitised') }}, {{ child_any('attachments', 'is_digitised') }}
    ) as component_digitised,
    coalesce({{ as_boolean('component_reused') }}, {{ child_any('attachments', 'is_reused') }}) as component_reused,
    {{ child_any('attachments', 'is_from_repository') }} as component_from_repository,
    result_link is not null or {{ child_has('results', 'link') }} as has_result_link,
    {{ as_boolean('vneid_verified') }} as vneid_verified,
    satisfaction,
    {{ as_boolean('apology_sent') }} as apology_sent,
    {{ as_timestamp('updated_at') }} as updated_at,
    {{ lineage() }}
from {{ source('raw', 'igate__dossiers') }}

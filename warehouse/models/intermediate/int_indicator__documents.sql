-- Numerators and denominators of the iDesk indicators, by agency and month; secret ones are left out. A document
-- that falls due after the newest register was exported is not judged yet.
with outgoing as (
    select
        agency_code,
        {{ month_of('registered_on') }} as month,
        count(*) as all_count,
        count(*) filter (where is_fully_electronic) as wholly_count,
        count(*) filter (where is_electronic) as electronic_count,
        count(*) filter (where is_electronic and is_signed_by_person) as person_count,
        count(*) filter (where is_electronic and is_signed_by_agency) as agency_count,
        count(*) filter (where is_electronic and is_signed_by_person and is_signed_by_agency) as both_count
    from {{ ref('fct_document') }}
    where direction = 'outgoing' and not is_secret
    group by agency_code, {{ month_of('registered_on') }}
),

incoming as (
    select
        agency_code,
        {{ month_of('registered_on') }} as month,
        count(*) filter (where needs_action) as action_count,
        count(*) filter (where needs_action and is_handled_online) as online_count,
        count(registered_at) as entered_count,
        count(*) filter (where cast(registered_at as date) = registered_on) as same_day_count
    from {{ ref('fct_document') }}
    where direction = 'incoming' and not is_secret
    group by agency_code, {{ month_of('registered_on') }}
),

due as (
    select
        agency_code,
        {{ month_of('due_on') }} as month,
        count(*) as all_count,
        count(*) filter (where cast(closed_at as date) <= due_on) as on_time_count
    from {{ ref('fct_document') }}
    where
        direction = 'incoming'
        and not is_secret
        and due_on < (
            select cast(max(registers.as_of) as date)
            from {{ ref('fct_document') }} as registers
            where registers.direction = 'incoming'
        )
    group by agency_code, {{ month_of('due_on') }}
),

closed as (
    select
        agency_code,
        {{ month_of('closed_on') }} as month,
        count(*) as all_count,
        count(*) filter (where is_online_throughout) as online_count
    from {{ ref('fct_work_file') }}
    where closed_on is not null and not is_secret
    group by agency_code, {{ month_of('closed_on') }}
),

opened as (
    select
        agency_code,
        {{ month_of('opened_on') }} as month,
        count(*) as all_count,
        count(*) filter (where is_opened_in_system) as online_count
    from {{ ref('fct_work_file') }}
    where is_planned and not is_secret
    group by agency_code, {{ month_of('opened_on') }}
)

{% set parts = [
    ('DOC_OUTGOING_ELECTRONIC', 'outgoing', 'wholly_count', 'all_count'),
    ('DOC_SIGNED_PERSON', 'outgoing', 'person_count', 'electronic_count'),
    ('DOC_SIGNED_AGENCY', 'outgoing', 'agency_count', 'electronic_count'),
    ('DOC_SIGNED_BOTH', 'outgoing', 'both_count', 'electronic_count'),
    ('DOC_INCOMING_SAME_DAY', 'incoming', 'same_day_count', 'entered_count'),
    ('DOC_INCOMING_ON_TIME', 'due', 'on_time_count', 'all_count'),
    ('WORK_FILE_A', 'closed', 'online_count', 'all_count'),
    ('WORK_FILE_B', 'opened', 'online_count', 'all_count'),
    ('WORK_FILE_C', 'incoming', 'online_count', 'action_count'),
] -%}
{{ indicator_rows(parts) }}

-- Numerators and denominators of the iDesk indicators, by agency and month; secret ones are left out.
with outgoing as (
    select
        agency_code,
        {{ month_of('registered_on') }} as month,
        count(*) as all_count,
        count(*) filter (where is_fully_electronic) as electronic_count,
        count(*) filter (where is_signed_by_person) as person_count,
        count(*) filter (where is_signed_by_agency) as agency_count,
        count(*) filter (where is_signed_by_person and is_signed_by_agency) as both_count
    from {{ ref('fct_document') }}
    where direction = 'outgoing' and not is_secret
    group by agency_code, {{ month_of('registered_on') }}
),

incoming as (
    select
        agency_code,
        {{ month_of('registered_on') }} as month,
        count(*) filter (where due_on is not null) as due_count,
        count(*) filter (where due_on is not null and cast(closed_at as date) <= due_on) as on_time_count,
        count(*) filter (where needs_action) as action_count,
        count(*) filter (where needs_action and is_handled_online) as online_count
    from {{ ref('fct_document') }}
    where direction = 'incoming' and not is_secret
    group by agency_code, {{ month_of('registered_on') }}
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

select
    'DOC_OUTGOING_ELECTRONIC' as indicator_code, agency_code, month, electronic_count as numerator,
    all_count as denominator
from outgoing
union all
select 'DOC_SIGNED_PERSON', agency_code, month, person_count, all_count from outgoing
union all
select 'DOC_SIGNED_AGENCY', agency_code, month, agency_count, all_count from outgoing
union all
select 'DOC_SIGNED_BOTH', agency_code, month, both_count, all_count from outgoing
union all
select 'DOC_INCOMING_ON_TIME', agency_code, month, on_time_count, due_count from incoming
union all
select 'WORK_FILE_A', agency_code, month, online_count, all_count from closed
union all
select 'WORK_FILE_B', agency_code, month, online_count, all_count from opened
union all
select 'WORK_FILE_C', agency_code, month, online_count, action_count from incoming

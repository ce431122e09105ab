-- Marts of a province of {agencies} agencies over {months} months, every indicator told in every month: what the pages
-- are made of, at the size that they are measured at. Values come from hashes, so that they are the same each time.
create schema marts;
create table codes as select 'H15.' || lpad(n::varchar, 3, '0') as agency_code, n,
    case when n <= 20 then 'province' when n <= 35 then 'district' else 'commune' end as level
    from range(1, {agencies} + 1) as t(n);
create table months as select (date '2021-01-01' + to_months(n::integer))::date as month, n as place from range({months}) as t(n);
create table marts.dim_agency as select agency_code, '000.00.' || n || '.H15' as legacy_code,
    'Ủy ban nhân dân xã, phường số ' || n as agency_name, 'People''s Committee of commune ' || n as agency_name_en, level,
    case when level = 'commune' then 'H15.' || lpad((21 + n % 15)::varchar, 3, '0') else 'H15' end as parent_code from codes;
create table marts.dim_indicator as select * from read_csv('{seeds}/indicators.csv', header = true, all_varchar = true);
create table spans as select 'month' as period_type, month as period_start, (month + interval 1 month - interval 1 day)::date as period_end from months
    union all select 'year', min(month), (date_trunc('year', min(month)) + interval 1 year - interval 1 day)::date from months group by year(month);
create table marts.rpt_indicator as
    select i.indicator_code, c.agency_code, s.period_type, s.period_start, s.period_end, i.unit, m.numerator, m.denominator,
        case when i.na_reason is null then m.numerator / m.denominator end as value, case when i.unit = 'share' then 0.8::double end as target,
        0.1 as gap, coalesce(i.na_reason, case when m.numerator is null then 'small_group' end) as na_reason,
        (select max(month) + interval 1 month from months)::timestamp as as_of
    from codes as c cross join marts.dim_indicator as i cross join spans as s, lateral (
        select 20 + hash(c.n, i.indicator_code) % 900 as denominator) as d, lateral (
        select case when hash(c.n, i.indicator_code, s.period_start, 7) % 40 > 0 then d.denominator::bigint end as denominator,
            case when hash(c.n, i.indicator_code, s.period_start, 7) % 40 > 0
                then (d.denominator * (0.3 + 0.6 * (hash(c.n, i.indicator_code, s.period_start) % 1000) / 1000))::bigint end as numerator) as m
    where s.period_type = 'year' or i.na_reason is null;
create table marts.rpt_official_activity as select 'MAIL_ACTIVE' as indicator_code, level, month, 400 as numerator, 900 as denominator
    from months cross join (values ('province'), ('district'), ('commune'), ('all')) as l(level);
create table marts.rpt_dossier_resolution as
    select c.agency_code, 'UBND ' || c.n as agency_name, month, rule_code, 10 + n % 300 as received_count, 5 as carried_over_count,
        10 + n % 300 as resolved_count, 5 as early_count, 2 + n % 300 as on_time_count, 2 as late_count, 1 as unexplained_count,
        1 as unexplained_no_due_date_count, 0 as unexplained_withdrawn_count, 0 as unexplained_stopped_count,
        0 as unexplained_not_returned_count, 0 as unexplained_no_limit_count, 0 as unexplained_no_calendar_count,
        3 as open_in_due_count, 1 as open_late_count, 1 as open_no_due_date_count, max(month) over () as as_of
    from codes as c cross join months cross join (values ('R_PLAIN'), ('R_DATE'), ('R_TRA'), ('R_766'), ('R_GL'), ('R_STRICT')) as r(rule_code);
create table marts.rpt_on_time_rate as select agency_code, month, rule_code, denominator_code, early_count + on_time_count as numerator,
    resolved_count as denominator, numerator / denominator as value, rule_code = 'R_PLAIN' and denominator_code = 'RESOLVED' as is_default
    from marts.rpt_dossier_resolution cross join (values ('RESOLVED'), ('CLASSED'), ('RECEIVED'), ('HANDLED')) as d(denominator_code);
create table marts.rpt_signals as select s.signal_code, c.agency_code, month, 2 as affected_count, 90 as base_count, 2 / 90 as share,
    0.03 as province_share, s.sentence_vi, s.sentence_en
    from codes as c cross join months cross join read_csv('{seeds}/signals.csv', header = true, all_varchar = true) as s;
create table marts.rpt_quality as select c.agency_code, f.source, f.stream, month, r.rule_code, r.severity, 10 as row_count, true as is_known_agency
    from codes as c cross join months cross join (values ('igate', 'dossiers'), ('idesk', 'incoming'), ('idesk', 'outgoing'), ('mail', 'accounts')) as f(source, stream)
    cross join (values ('row_loaded', 'info'), ('bad_date', 'fail'), ('bad_enum', 'fail'), ('due_missing', 'warn')) as r(rule_code, severity);
create table targets as select * from read_csv('{seeds}/indicator_targets.csv', header = true);
create table marts.rpt_target_progress as select t.indicator_code, t.level, c.agency_code, t.target_on::date as target_on, t.source, t.certainty,
    (select max(month) from months) as month, 0.6 as value, t.target::double as target, 0.2 as gap, 0.01 as needed_monthly_gain, 12 as month_count,
    0.01 as pace, 0.005 as pace_low, 0.015 as pace_high, 'too_late' as outlook, date '2031-01-01' as arrives_in, date '2029-01-01' as earliest_in,
    null::date as latest_in, 'month' as period_type
    from targets as t inner join (select agency_code, level from codes union all select 'all', unnest(['province', 'district', 'commune', 'all'])) as c
        on t.level = c.level or (t.level = 'all' and c.agency_code <> 'all');
create table marts.rpt_score_766 as select c.agency_code, k.line_kind, k.line, 'Nhóm ' || k.line as name_vi, 'Group ' || k.line as name_en,
    10.0 + n % 9 as points, 20.0 as scored_max_points, 22.0 as max_points, null::varchar as na_reason, s.period_start, 'year' as period_type,
    year(s.period_start) as year
    from codes as c cross join (select * from spans where period_type = 'year') as s
    cross join (values ('group', '1'), ('group', '2'), ('group', '3'), ('group', '4'), ('group', '5'), ('total', 'total')) as k(line_kind, line);
create table marts.rpt_source_freshness as select source, stream, (select max(month) from months)::timestamp as last_exported_at, 9 as rows_loaded,
    1 as rows_quarantined, 1 as age_days from (select distinct source, stream from marts.rpt_quality);
create table marts.fct_dossier as select c.agency_code, month as received_month, true as is_received, (1 + k % 3)::integer as channel
    from codes as c cross join months cross join range(100) as t(k);

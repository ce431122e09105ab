-- Marts small enough to count by hand, for the pages: two departments, a district, a commune, two codes of no list.
create schema marts;
create table marts.dim_agency as select *, timestamp '2021-05-01 01:00:00' as as_of from (values
    ('H15.07', '000.00.07.H15', 'Sở Giáo dục và Đào tạo', 'Department of Education', 'province', 'H15'),
    ('H15.08', '000.00.08.H15', '=Sở <b>Y tế</b> & "Co"', null, 'province', 'H15'),
    ('H15.31', '000.00.31.H15', 'UBND huyện Lắk', 'Lak district', 'district', 'H15'),
    ('H15.31.01', '000.01.31.H15', 'UBND xã Đắk Phơi', 'Dak Phoi commune', 'commune', 'H15.31'),
    ('H15.99', '000.00.99.H15', 'Không có số liệu', null, 'province', 'H15'))
    as t(agency_code, legacy_code, agency_name, agency_name_en, level, parent_code);
create table marts.dim_indicator as select *, 'P' as certainty, timestamp '2021-05-01 01:00:00' as as_of from (values
    ('DOSSIER_ONLINE', 'igate', 'Hồ sơ trực tuyến', 'Dossiers on line', 'QĐ 766', 'kênh 2 / tiếp nhận', 'channel 2 / all', 'share', 'higher', 'sum', '3.3', null),
    ('DOSSIER_EARLY', 'igate', 'Trước hạn', 'Early', 'domain.md §2.7', 'trước hẹn / giải quyết', 'early / resolved', 'share', 'higher', 'sum', null, null),
    ('DOSSIER_LATE', 'igate', 'Quá hạn', 'Late', 'domain.md §2.7', 'sau hẹn / giải quyết', 'late / resolved', 'share', 'lower', 'sum', null, null),
    ('DOSSIER_OPEN_DUE_24H', 'igate', 'Sắp hết hạn', 'Due soon', 'domain.md §6', 'sắp / đang', 'soon / open', 'share', 'lower', 'last', null, null),
    ('WORK_FILE_A', 'idesk', 'Hồ sơ công việc (A)', 'Work files (A)', 'no legal formula found', 'trên mạng / kết thúc', 'on line / closed', 'share', 'higher', 'sum', null, null),
    ('MAIL_ACTIVE', 'mail', 'Hộp thư có dùng', 'Active mailboxes', 'domain.md §2.5', 'có dùng / tất cả', 'used / all', 'share', 'higher', 'sum', null, null),
    ('PAR_RANK', 'file', 'Xếp hạng', 'Rank', 'UBND', 'thứ hạng', 'rank', 'rank', 'lower', 'own', null, null),
    ('PAR_INITIATIVES', 'file', 'Sáng kiến', 'Initiatives', 'domain.md §6', 'số sáng kiến', 'initiatives', 'count', 'higher', 'sum', null, 'Chưa có nguồn.'))
    as t(indicator_code, system, name_vi, name_en, legal_basis, formula_vi, formula_en, unit, better, over_time, line_766, missing_vi),
    lateral (select case when missing_vi is not null then 'not_fed' end as na_reason, case when missing_vi is not null then 'No stream.' end as missing_en) as m;
create table marts.rpt_indicator as select t.* exclude (unit_of) replace (value::double as value, target::double as target), coalesce(unit_of, 'share') as unit, (target - value)::double as gap,
    (case when period_type = 'year' then period_start + interval 1 year else period_start + interval 1 month end - interval 1 day)::date as period_end,
    timestamp '2021-05-01 01:00:00' as as_of from (values
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2021-02-01', 10, 100, 0.1, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2021-03-01', 20, 100, 0.2, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2021-04-01', 60, 100, 0.6, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2021-05-01', 1, 1, 1.0, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.07', 'quarter', date '2021-01-01', 30, 200, 0.15, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.07', 'year', date '2021-01-01', 90, 300, 0.3, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.08', 'month', date '2021-03-01', 50, 100, 0.5, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.08', 'month', date '2021-04-01', 20, 100, 0.2, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.08', 'year', date '2021-01-01', 70, 200, 0.35, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.31', 'month', date '2021-04-01', 999, 1000, 0.999, 0.5, null, null),
    ('DOSSIER_ONLINE', 'H15.31', 'year', date '2021-01-01', 999, 1000, 0.999, 0.5, null, null),
    ('DOSSIER_LATE', 'H15.07', 'month', date '2021-04-01', 1, 100, 0.01, null, null, null),
    ('DOSSIER_LATE', 'H15.07', 'year', date '2021-01-01', 1, 100, 0.01, null, null, null),
    ('DOSSIER_LATE', 'H15.08', 'year', date '2021-01-01', 9, 100, 0.09, null, null, null),
    ('DOSSIER_OPEN_DUE_24H', 'H15.07', 'month', date '2021-04-01', 2, 8, 0.25, null, null, null),
    ('MAIL_ACTIVE', 'H15.31.01', 'month', date '2021-04-01', null, null, null, null, 'small_group', null),
    ('MAIL_ACTIVE', 'H15.31.01', 'year', date '2021-01-01', null, null, null, null, 'small_group', null),
    ('MAIL_ACTIVE', 'H15.31', 'month', date '2021-04-01', 5, 20, 0.25, null, null, null),
    ('MAIL_ACTIVE', 'H15.31', 'year', date '2021-01-01', 5, 20, 0.25, null, null, null),
    ('PAR_RANK', 'H15.07', 'year', date '2020-01-01', 18, 18, 18, null, null, 'rank'),
    ('PAR_RANK', 'H15.08', 'year', date '2020-01-01', null, null, null, null, 'sắp xếp lại', 'rank'),
    ('PAR_INITIATIVES', 'H15.07', 'year', date '2021-01-01', null, null, null, null, 'not_fed', 'count'))
    as t(indicator_code, agency_code, period_type, period_start, numerator, denominator, value, target, na_reason, unit_of);
create table marts.rpt_official_activity as select * from (values
    ('MAIL_ACTIVE', 'district', date '2021-04-01', 5, 20, null), ('MAIL_ACTIVE', 'commune', date '2021-04-01', 3, 20, null),
    ('MAIL_ACTIVE', 'all', date '2021-03-01', 2, 10, null), ('MAIL_ACTIVE', 'all', date '2021-04-01', 8, 40, null),
    ('MAIL_ACTIVE', 'province', date '2021-04-01', null, null, 'small_group'))
    as t(indicator_code, level, month, numerator, denominator, na_reason);
create table marts.rpt_dossier_resolution as select *, agency_code as agency_name, 0 as carried_over_count,
    0 as unexplained_not_returned_count, 0 as unexplained_no_limit_count, 0 as unexplained_no_calendar_count,
    timestamp '2021-05-01 01:00:00' as as_of from (values
    ('H15.07', date '2020-12-01', 'R_PLAIN', 7, 7, 4, 3, 0, 0, 0, 0, 0, 3, 0, 0),
    ('H15.07', date '2021-04-01', 'R_PLAIN', 100, 100, 60, 36, 1, 3, 1, 1, 1, 5, 2, 1),
    ('H15.07', date '2021-04-01', 'R_DATE', 100, 100, 60, 39, 1, 0, 0, 0, 0, 5, 2, 1),
    ('H15.31', date '2021-04-01', 'R_PLAIN', 50, 40, 40, 0, 0, 0, 0, 0, 0, 0, 4, 6),
    ('../x', date '2021-04-01', 'R_PLAIN', 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0))
    as t(agency_code, month, rule_code, received_count, resolved_count, early_count, on_time_count, late_count,
         unexplained_count, unexplained_no_due_date_count, unexplained_withdrawn_count, unexplained_stopped_count,
         open_in_due_count, open_late_count, open_no_due_date_count);
create table marts.rpt_on_time_rate as select *, numerator / denominator as value from (values
    ('H15.07', date '2021-04-01', 'R_PLAIN', 'RESOLVED', 96, 100, true),
    ('H15.31', date '2021-04-01', 'R_PLAIN', 'RESOLVED', 40, 40, true),
    ('H15.07', date '2021-04-01', 'R_DATE', 'RESOLVED', 99, 100, false),
    ('H15.07', date '2021-04-01', 'R_PLAIN', 'CLASSED', 96, 97, false))
    as t(agency_code, month, rule_code, denominator_code, numerator, denominator, is_default);
create table marts.rpt_signals as select * replace (province_share::double as province_share), affected_count / base_count as share, 'câu' as sentence_vi, 'sentence' as sentence_en from (values
    ('NO_DUE_DATE', 'H15.07', date '2020-03-01', 9, 9, 1.0), ('NO_DUE_DATE', 'H15.07', date '2021-03-01', 1, 100, 0.04),
    ('NO_DUE_DATE', 'H15.07', date '2021-04-01', 2, 300, 0.08))
    as t(signal_code, agency_code, month, affected_count, base_count, province_share);
create table marts.rpt_quality as select * from (values
    ('H15.07', 'igate', 'dossiers', date '2021-04-01', 'row_loaded', 'info', 90, true),
    ('H15.07', 'igate', 'dossiers', date '2021-04-01', 'bad_date', 'fail', 3, true),
    ('H15.07', 'igate', 'dossiers', date '2021-05-01', 'bad_date', 'fail', 1, true),
    ('unknown', 'mail', 'postfix', date '2021-04-01', 'unparsed_line', 'fail', 7, false))
    as t(agency_code, source, stream, month, rule_code, severity, row_count, is_known_agency);
create table marts.rpt_target_progress as select * replace (value::double as value, target::double as target, needed_monthly_gain::double as needed_monthly_gain,
    pace::double as pace, pace_low::double as pace_low, pace_high::double as pace_high), (target - value)::double as gap, 'month' as period_type, date '2021-04-01' as month from (values
    ('DOSSIER_ONLINE', 'all', 'all', date '2020-12-31', 'NQ 17', 'K', 0.83, 0.2, null, 3, 0.1, 0.05, 0.15, 'reached', null, null, null),
    ('DOSSIER_ONLINE', 'all', 'all', date '2025-12-31', 'QĐ 766', 'P', 0.83, 0.9, 0.001, 3, 0.01, 0.005, 0.015, 'too_late', date '2026-02-01', date '2025-06-01', null),
    ('DOSSIER_ONLINE', 'all', 'H15.07', date '2025-12-31', 'QĐ 766', 'P', 0.6, 0.9, 0.005, 3, 0.25, 0.2, 0.3, 'in_time', date '2021-06-01', date '2021-05-01', date '2021-07-01'))
    as t(indicator_code, level, agency_code, target_on, source, certainty, value, target, needed_monthly_gain, month_count,
         pace, pace_low, pace_high, outlook, arrives_in, earliest_in, latest_in);
create table marts.rpt_score_766 as select * replace (points::double as points, scored_max_points::double as scored_max_points, max_points::double as max_points), date '2021-01-01' as period_start, 'year' as period_type, 2021 as year from (values
    ('H15.07', 'group', '1', 'Công khai', 'Publicity', 5.0, 6.0, 18.0, null), ('H15.07', 'group', '5', 'Hài lòng', 'Satisfaction', null, 0.0, 18.0, 'no_line_scored'),
    ('H15.07', 'total', 'total', 'Tổng điểm', 'Total', 33.0, 66.0, 100.0, null), ('H15.31', 'total', 'total', 'Tổng điểm', 'Total', 60.0, 66.0, 100.0, null))
    as t(agency_code, line_kind, line, name_vi, name_en, points, scored_max_points, max_points, na_reason);
create table marts.rpt_source_freshness as select * from (values
    ('igate', 'dossiers', timestamp '2021-05-01 01:00:00', 90, 3, 0), ('mail', 'postfix', timestamp '2020-01-01 01:00:00', 5, 7, 486))
    as t(source, stream, last_exported_at, rows_loaded, rows_quarantined, age_days);
create table marts.fct_dossier as select 'H15.07' as agency_code, date '2021-04-01' as received_month, true as is_received,
    case when n < 60 then 2 when n < 97 then 1 when n < 99 then 3 end as channel from range(100) as t(n);

-- Marts small enough to count by hand, for the inspection and the headline.
create schema marts;
create table marts.dim_agency as select * from (values
    ('H15.07', '000.00.07.H15', 'Sở Giáo dục và Đào tạo', 'Department of Education', 'province'),
    ('H15.31', '000.00.31.H15', 'UBND huyện <Lắk> & Co', null, 'district'))
    as t(agency_code, legacy_code, agency_name, agency_name_en, level);
create table marts.dim_indicator as select *, 'P' as certainty from (values
    ('DOSSIER_ONLINE', 'igate', 'Hồ sơ trực tuyến', 'Dossiers on line', 'QĐ 766', 'kênh 2 / tiếp nhận', 'channel 2 / all', 'share', 'sum'),
    ('DOSSIER_EARLY', 'igate', 'Trước hạn', 'Early', 'domain.md §2.7', 'trước ngày hẹn', 'before the due date', 'share', 'sum'),
    ('DOSSIER_OPEN_LATE', 'igate', 'Đang quá hạn', 'Open and late', 'domain.md §6', 'quá hạn / đang', 'late / open', 'share', 'last'),
    ('PROCEDURE_ONLINE', 'igate', 'TTHC trực tuyến', 'Procedures on line', 'QĐ 766', 'một phần | toàn trình', 'partial', 'share', 'own'),
    ('WEBSITE_POSTS', 'file', 'Tin bài', 'Posts', 'domain.md §6', 'số tin bài', 'posts', 'count', 'sum'),
    ('PAR_INITIATIVES', 'file', 'Sáng kiến', 'Initiatives', 'domain.md §6', 'số sáng kiến', 'initiatives', 'count', 'sum'),
    ('MAIL_ACTIVE', 'mail', 'Hộp thư có dùng', 'Active mailboxes', 'domain.md §2.5', 'có dùng / tất cả', 'used / all', 'share', 'sum'))
    as t(indicator_code, system, name_vi, name_en, legal_basis, formula_vi, formula_en, unit, over_time);
create table marts.rpt_dossier_resolution as select *, 0 as unexplained_no_limit_count, 0 as unexplained_no_calendar_count,
    case when month = date '2020-01-01' then 5 else 60 end as carried_over_count, 1 as open_in_due_count,
    case when month = date '2021-04-01' then 1 else 0 end as open_late_count, 1 as open_no_due_date_count, timestamp '2021-05-01 01:00:00' as as_of from (values
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2020-01-01', 'R_PLAIN', 1000, 900, 600, 297, 2, 1, 1, 0, 0, 0),
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2021-04-01', 'R_PLAIN', 999, 987, 543, 441, 1, 2, 0, 1, 1, 0),
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2021-05-01', 'R_PLAIN', 9, 9, 9, 0, 0, 0, 0, 0, 0, 0),
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2020-01-01', 'R_DATE', 1000, 900, 600, 298, 2, 0, 0, 0, 0, 0),
    ('H15.31', 'UBND huyện <Lắk> & Co', date '2020-01-01', 'R_PLAIN', 5, 4, 1, 1, 1, 1, 0, 0, 0, 1))
    as t(agency_code, agency_name, month, rule_code, received_count, resolved_count, early_count, on_time_count,
         late_count, unexplained_count, unexplained_no_due_date_count, unexplained_withdrawn_count,
         unexplained_stopped_count, unexplained_not_returned_count);
create table marts.rpt_indicator as select * from (values
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2020-01-01', 10, 1000, 0.01, 0.2, null),
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2021-04-01', 30, 999, 0.03, 0.5, null),
    ('DOSSIER_ONLINE', 'H15.07', 'year', date '2020-01-01', 10, 1000, 0.01, 0.5, null),
    ('PROCEDURE_ONLINE', 'H15.07', 'year', date '2020-01-01', 3, 4, 0.75, null, null),
    ('PROCEDURE_ONLINE', 'H15.07', 'year', date '2021-01-01', 4, 4, 1.0, null, null),
    ('DOSSIER_OPEN_LATE', 'H15.07', 'month', date '2020-01-01', 9, 10, 0.9, null, null),
    ('DOSSIER_OPEN_LATE', 'H15.07', 'month', date '2021-04-01', 1, 4, 0.25, null, null),
    ('WEBSITE_POSTS', 'H15.07', 'month', date '2020-01-01', 7, null, 7, null, null),
    ('WEBSITE_POSTS', 'H15.07', 'month', date '2021-04-01', 1100, null, 1100, null, null),
    ('PAR_INITIATIVES', 'H15.07', 'year', date '2020-01-01', null, null, null, null, 'not_fed'),
    ('MAIL_ACTIVE', 'H15.07', 'month', date '2020-01-01', null, null, null, null, 'small_group'))
    as t(indicator_code, agency_code, period_type, period_start, numerator, denominator, value, target, na_reason);
create table marts.rpt_official_activity as select * from (values
    ('MAIL_ACTIVE', 'all', date '2020-01-01', 40, 90), ('MAIL_ACTIVE', 'province', date '2020-01-01', 30, 60),
    ('MAIL_ACTIVE', 'all', date '2020-02-01', null, null)) as t(indicator_code, level, month, numerator, denominator);
create table marts.rpt_source_freshness as select *, timestamp '2021-05-01 01:00:00' as last_exported_at, 0 as age_days
    from (values ('igate', 'dossiers', 9), ('mail', 'postfix', 7)) as t(source, stream, rows_loaded);
create table marts.dim_procedure as select '1.005129' as procedure_code, 'Cấp | đổi giấy phép' as procedure_name;
create table marts.fct_dossier as select *, '1.005129' as procedure_code, timestamp '2021-05-01' as as_of, 'b' as batch_id,
    true as is_received, date_trunc('month', received_at::date)::date as received_month,
    case when is_resolved then date_trunc('month', ended_at::date)::date end as resolved_month
    from (values
    ('late by two', 'H15.07', '2021-04-01 08:00:00', '2021-04-06 17:00:00', '2021-04-08 08:00:00', true, 'late', 1, true, 'a.csv', 1),
    ('=late by one', 'H15.07', '2021-04-01 08:00:00', '2021-04-06 17:00:00', '2021-04-07 08:00:00', true, 'late', 0, false, 'a.csv', 2),
    ('late in May', 'H15.07', '2021-04-01 08:00:00', '2021-04-30 17:00:00', '2021-05-07 08:00:00', true, 'late', 0, false, 'b.csv', 3),
    ('open and late', 'H15.07', '2021-04-01 08:00:00', '2021-04-29 17:00:00', null, false, null, null, false, 'b.csv', 4),
    ('open', 'H15.07', '2021-04-01 08:00:00', null, null, false, null, null, false, 'b.csv', 5),
    ('of May', 'H15.07', '2021-05-01 08:00:00', '2021-05-02 17:00:00', null, false, null, null, false, 'c.csv', 6),
    ('elsewhere', 'H15.31', '2021-04-01 08:00:00', '2021-04-02 17:00:00', null, false, null, null, false, 'a.csv', 7))
    as t(dossier_code, agency_code, received, due, ended, is_resolved, class_r_plain, supplement_count, has_apology,
         source_file, row_number), lateral (select received::timestamp as received_at, due::timestamp as due_at,
         ended::timestamp as ended_at) as moments;
create table marts.fct_dossier_step as select * from (values
    ('late by two', 1, 5.0), ('late by two', 2, 30.5), ('late by two', 3, null), ('open', 1, 99.0))
    as t(dossier_code, step_number, duration_hours);
create table marts.fct_document as select 'H15.07' as agency_code, false as is_secret, date '2021-03-01' as registered_on,
    'incoming' as direction, 'd.csv' as source_file, 'd' as batch_id, timestamp '2021-04-01' as as_of;
create table marts.fct_work_file as select 'H15.07' as agency_code, false as is_secret, date '2019-03-01' as opened_on,
    date '2019-04-01' as closed_on, 'w.csv' as source_file, 'w' as batch_id, timestamp '2021-04-01' as as_of;
create table marts.fct_mailbox_month as select 'H15.07' as agency_code, date '2021-04-01' as month;
create table marts.rpt_survey as select *, 0.9 as threshold, null as na_reason, 'survey.csv' as source_file, 'v' as batch_id,
    4 as row_number from (values ('H15.07', 2019, 0.95, 90), ('H15.07', 2020, 0.8281, 1200), ('H15.07', 2021, 0.99, 90))
    as t(agency_code, year, satisfaction, respondent_count);
create table marts.rpt_par_index as select *, 'par.csv' as source_file, 'p' as batch_id, 5 as row_number from (values
    ('H15.07', 2016, 71.2, 7, 18, null, null, null, null, null, null, null),
    ('H15.07', 2020, 70.1, 18, 18, 2019, 15, -3, 2016, 7, -11, null),
    ('H15.31', 2020, null, null, null, null, null, null, null, null, null, 'sắp xếp lại'))
    as t(agency_code, year, score, rank, ranked_count, previous_year, previous_rank, change_since_previous, first_year,
         first_rank, change_since_first, na_reason);
create table marts.rpt_website_posts as select * from (values
    ('H15.07', date '2020-01-01', 7), ('H15.07', date '2021-04-01', 1100), ('H15.07', date '2021-05-01', 1))
    as t(agency_code, month, post_count), (select 'posts.csv' as source_file, 'o' as batch_id);
create table marts.rpt_initiative as select *, date_trunc('month', recognised_on)::date as month from (values
    ('H15.07', date '2020-01-31'), ('H15.07', date '2021-04-01'), ('H15.07', date '2021-05-01'))
    as t(agency_code, recognised_on), (select 'initiatives.csv' as source_file, 'i' as batch_id);
create table marts.rpt_signals as select *, 'câu' as sentence_vi, 'sentence' as sentence_en from (values
    ('NO_DUE_DATE', 'H15.07', date '2020-01-01', 1, 100, 0.04), ('NO_DUE_DATE', 'H15.07', date '2021-04-01', 2, 300, 0.08),
    ('NO_DUE_DATE', 'H15.07', date '2021-05-01', 9, 9, 1.0)) as t(signal_code, agency_code, month, affected_count, base_count,
    province_share);

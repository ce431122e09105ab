-- Logins of every mail product, straight from the lake. Only use by a person counts: no failures, no administrators
-- acting for others, no password checks of the SMTP server (domain.md §2.5). Who sends through Postfix logs in for
-- it; that counts as a message sent, not as use by a login.
{{ config(materialized='view') }}

with audit as (
    select
        {{ as_timestamp('logged_at') }} as logged_at,
        account,
        protocol,
        original_protocol,
        port,
        command,
        error is not null as is_failed,
        {{ is_human_login() }} as is_human_use,
        {{ lineage() }}
    from {{ source('raw', 'mail__zimbra_audit_all') }}
),

mailbox as (
    select
        logged_at,
        coalesce(account, mailbox) as account,
        case when protocol = 'pop' then 'pop3' else protocol end as protocol,
        original_protocol,
        port,
        'Auth' as command,
        event = 'failed_login' as is_failed,
        is_human_use,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at
    from {{ ref('stg_mail__zimbra_mailbox') }}
    where event in ('login', 'failed_login')
),

-- The worker that checks a password and the connection that waits for it both write of a failure.
dovecot as (
    select
        {{ as_timestamp('logged_at') }} as logged_at,
        account,
        nullif(split_part(program, '-', 1), 'auth') as protocol,
        event <> 'login' as is_failed,
        event = 'login' and account is not null as is_human_use,
        row_number() over (
            partition by account, client_ip, logged_at, event = 'login'
            order by event in ('login', 'auth_failed') desc, _row_number asc, _batch_id asc
        ) as place,
        {{ lineage() }}
    from {{ source('raw', 'mail__dovecot_all') }}
    where event <> 'no_attempt'
),

told as (
    select
        'zimbra' as product,
        audit.*
    from audit

    union all

    select
        'zimbra' as product,
        mailbox.*
    from mailbox
    -- Where both logs are exported, each login stands in both, a moment apart.
    where not exists (
            select 1
            from audit
            where
                audit.account = mailbox.account
                and audit.is_failed = mailbox.is_failed
                and audit.logged_at between mailbox.logged_at - interval '2' second
                and mailbox.logged_at + interval '2' second
        )

    union all

    select
        'dovecot' as product,
        logged_at,
        account,
        protocol,
        null as original_protocol,
        null as port,
        null as command,
        is_failed,
        is_human_use,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at
    from dovecot
    where place = 1

    union all

    select
        'postfix' as product,
        logged_at,
        sasl_username as account,
        'smtp' as protocol,
        null as original_protocol,
        null as port,
        null as command,
        event = 'sasl_failed' as is_failed,
        false as is_human_use,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at
    from {{ ref('stg_mail__postfix_events') }}
    where event = 'sasl_failed' or (event = 'client' and sasl_username is not null)
)

select
    product,
    logged_at,
    account,
    protocol,
    original_protocol,
    port,
    command,
    is_failed,
    is_human_use,
    _batch_id,
    _source_file,
    _row_number,
    _exported_at
from told

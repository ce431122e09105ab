-- The seed of published figures says of each check what remainder it leaves; arithmetic agrees.
select
    check_code,
    remainder,
    expected_remainder,
    verdict
from {{ ref('rpt_published_check') }}
where verdict not in ('closes', 'known_remainder')

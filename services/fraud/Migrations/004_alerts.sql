-- An alert takes in further payments of the same entity and leading reason; what happens to it is an event.
alter table alerts
    drop constraint alerts_payment_id_fkey,
    drop constraint alerts_payment_id_key,
    drop constraint alerts_state_check,
    -- Entity and leading reason; with the begin of the window it is the key that others see.
    add column dedup_base text,
    add column window_start timestamptz,
    add column severity smallint not null default 0 check (severity between 0 and 3),
    add column decision text,
    add column score float8,
    add column occurrences integer not null default 1,
    add column base_amount bigint not null default 0,
    add column base_currency text,
    add column reason_codes text[] not null default '{}',
    add column customer_id text,
    add column device_id text,
    add column card_hash text,
    add column version integer not null default 1,
    add column acknowledged_at timestamptz,
    add column acknowledged_by text,
    add column assignee text,
    add column outcome text
        check (outcome in ('confirmed_fraud', 'suspected', 'false_positive', 'inconclusive')),
    add column closed_by text,
    add column last_at timestamptz;

update alerts
set dedup_base = 'payment:' || payment_id,
    window_start = raised_at,
    last_at = raised_at,
    severity = case body::jsonb ->> 'decision' when 'Block' then 2 else 0 end,
    decision = body::jsonb ->> 'decision',
    score = (body::jsonb ->> 'score')::float8,
    base_amount = (body::jsonb -> 'amount' ->> 'baseAmount')::bigint,
    base_currency = body::jsonb -> 'amount' ->> 'baseCurrency',
    reason_codes = array(select jsonb_array_elements(body::jsonb -> 'reasons') ->> 'code'),
    customer_id = body::jsonb ->> 'customerId',
    outcome = case state when 'confirmed' then 'confirmed_fraud' when 'dismissed' then 'false_positive' end;

alter table alerts
    add constraint alerts_state_check check (state in ('open', 'confirmed', 'dismissed', 'closed')),
    alter column dedup_base set not null,
    alter column window_start set not null,
    alter column last_at set not null,
    alter column decision set not null,
    alter column score set not null,
    alter column base_currency set not null;

create index ix_alerts_open on alerts (dedup_base, window_start) where state = 'open';
create index ix_alerts_customer_id on alerts (customer_id, position) where customer_id is not null;
create index ix_alerts_device_id on alerts (device_id, position) where device_id is not null;

-- Each payment is in one alert at most: that of its decision.
create table alert_payments (
    payment_id text primary key references decisions on delete cascade,
    alert_id uuid not null references alerts (alert_id) on delete cascade,
    base_amount bigint not null,
    occurred_at timestamptz not null
);

create index ix_alert_payments_alert_id on alert_payments (alert_id);

insert into alert_payments (payment_id, alert_id, base_amount, occurred_at)
select payment_id, alert_id, base_amount, raised_at from alerts;

-- Everything that happened, in the order of commits: the cursor of exchange, stream, webhooks and audit.
create table alert_events (
    position bigint generated always as identity primary key,
    event_id uuid not null unique,
    alert_id uuid references alerts (alert_id) on delete cascade,
    kind text not null,
    version integer not null,
    -- The message, word for word; of an event for the exchange, also its type and routing key.
    body text not null,
    message_type text,
    routing_key text,
    made_by text,
    trace_parent text,
    at timestamptz not null,
    published_at timestamptz
);

create index ix_alert_events_alert_id on alert_events (alert_id, position);
create index ix_alert_events_unpublished on alert_events (position)
    where routing_key is not null and published_at is null;

insert into alert_events (
    event_id, alert_id, kind, version, body, message_type, routing_key, trace_parent, at, published_at)
select alert_id, alert_id, 'alert.raised', 1, body, 'FraudAlertRaised',
    'alert.raised.' || (array['low', 'medium', 'high', 'critical'])[severity + 1], trace_parent, raised_at,
    published_at
from alerts
order by position;

drop index ix_alerts_unpublished;
alter table alerts drop column trace_parent, drop column published_at;

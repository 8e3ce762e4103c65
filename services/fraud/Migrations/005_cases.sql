-- What a team works on: the alerts of one entity and reason, customer or device.
create table cases (
    case_id uuid primary key,
    position bigint generated always as identity unique,
    state text not null default 'open' check (state in ('open', 'investigating', 'closed', 'merged')),
    outcome text check (outcome in ('confirmed_fraud', 'suspected', 'false_positive', 'inconclusive')),
    dedup_base text,
    customer_id text,
    device_id text,
    assignee text,
    locked_by text,
    locked_until timestamptz,
    snoozed_until timestamptz,
    -- Its severity when it was put off: a higher one wakes it.
    snoozed_severity smallint,
    merged_into uuid references cases on delete set null,
    note text,
    version integer not null default 1,
    opened_at timestamptz not null,
    changed_at timestamptz not null,
    closed_at timestamptz,
    closed_by text
);

create index ix_cases_dedup_base on cases (dedup_base) where state in ('open', 'investigating');
create index ix_cases_customer_id on cases (customer_id) where customer_id is not null;
create index ix_cases_device_id on cases (device_id) where device_id is not null;
create index ix_cases_state on cases (state, position);

create table case_notes (
    position bigint generated always as identity primary key,
    case_id uuid not null references cases on delete cascade,
    author text not null,
    body text not null,
    at timestamptz not null
);

create index ix_case_notes_case_id on case_notes (case_id, position);

alter table alerts add column case_id uuid references cases;
create index ix_alerts_case_id on alerts (case_id, position) where case_id is not null;

alter table alert_events add column case_id uuid references cases on delete cascade;
create index ix_alert_events_case_id on alert_events (case_id, position) where case_id is not null;

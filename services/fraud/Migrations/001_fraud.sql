-- One decision a payment, with all that it was made of: judging the vector again gives the same.
create table decisions (
    payment_id text primary key,
    order_id text,
    customer_id text,
    anonymous_id text,
    card_hash text,
    device_id text,
    ip_hash text,
    amount bigint not null,
    currency text not null,
    base_amount bigint not null,
    base_currency text not null,
    vector jsonb not null,
    decision text not null check (decision in ('Allow', 'Review', 'Block')),
    score float8 not null,
    reasons jsonb not null,
    decided_by text not null,
    arrival text not null check (arrival in ('Bus', 'Request')),
    backfill boolean not null,
    attempted_at timestamptz not null,
    decided_at timestamptz not null,
    trace_id text,
    -- Whether the payment, and its outcome, are in the online state.
    attempt_counted boolean not null default false,
    outcome_counted boolean not null default false
);

create index ix_decisions_customer_id on decisions (customer_id) where customer_id is not null;
create index ix_decisions_anonymous_id on decisions (anonymous_id) where customer_id is null;

create table alerts (
    position bigint generated always as identity primary key,
    alert_id uuid not null unique,
    payment_id text not null unique references decisions on delete cascade,
    state text not null default 'open' check (state in ('open', 'confirmed', 'dismissed')),
    note text,
    -- The message for the exchange fraud.alerts, word for word; published_at is null until the broker confirmed it.
    body text not null,
    trace_parent text,
    raised_at timestamptz not null,
    closed_at timestamptz,
    published_at timestamptz
);

create index ix_alerts_state on alerts (state, position);
create index ix_alerts_unpublished on alerts (position) where published_at is null;

-- What is known of payments afterwards; a label is used only from known_at on.
create table labels (
    position bigint generated always as identity primary key,
    label_id uuid not null unique,
    payment_id text not null,
    fraud boolean not null,
    source text not null check (source in ('dispute', 'analyst')),
    reason text,
    known_at timestamptz not null,
    received_at timestamptz not null
);

create index ix_labels_payment_id on labels (payment_id);

-- The devices, addresses and cards whose distinct counts hold a customer: what an erasure must look through.
create table sightings (
    customer_id text not null,
    kind text not null,
    entity text not null,
    primary key (customer_id, kind, entity)
);

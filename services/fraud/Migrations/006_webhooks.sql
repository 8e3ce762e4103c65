create table webhooks (
    webhook_id uuid primary key,
    url text not null,
    -- Empty: all.
    kinds text[] not null,
    -- Encrypted. The one before signs beside it until its time is over.
    secret bytea not null,
    previous_secret bytea,
    previous_until timestamptz,
    -- Position of the last event that has its delivery.
    seen bigint not null,
    created_by text not null,
    created_at timestamptz not null
);

create table webhook_deliveries (
    delivery_id uuid primary key,
    number bigint generated always as identity unique,
    webhook_id uuid not null references webhooks on delete cascade,
    position bigint not null references alert_events on delete cascade,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
    attempts integer not null default 0,
    next_at timestamptz not null,
    last_status integer,
    last_error text,
    finished_at timestamptz,
    unique (webhook_id, position)
);

create index ix_webhook_deliveries_due on webhook_deliveries (webhook_id, next_at) where state = 'pending';
create index ix_webhook_deliveries_state on webhook_deliveries (webhook_id, state, number);
create index ix_webhook_deliveries_position on webhook_deliveries (position);
create index ix_webhook_deliveries_delivered on webhook_deliveries (finished_at) where state = 'delivered';

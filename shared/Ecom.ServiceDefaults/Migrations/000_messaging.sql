-- Inbox, outbox and leases: every service has its own, in its own schema.

create table inbox (
    endpoint text not null,
    message_id uuid not null,
    received_at timestamptz not null default now(),
    primary key (endpoint, message_id)
);

create index ix_inbox_received_at on inbox (received_at);

create table outbox (
    position bigint generated always as identity primary key,
    message_id uuid not null unique,
    message_type text not null,
    body text not null,
    trace_parent text,
    created_at timestamptz not null default now()
);

-- Queues that were once seen with a consumer: their bindings are durable, so publishing to them loses nothing.
create table outbox_subscribers (
    queue text primary key,
    confirmed_at timestamptz not null default now()
);

create table leases (
    name text primary key,
    owner text not null,
    expires_at timestamptz not null
);

-- The raw event log: one row an accepted event, holding its contract message exactly as it goes over the bus.
-- position orders rows, transaction_id tells which rows can no longer be joined by an earlier one (see GET /v1/log).
create table events (
    position bigint generated always as identity,
    transaction_id xid8 not null default pg_current_xact_id(),
    received_at timestamptz not null,
    occurred_at timestamptz not null,
    event_id uuid not null,
    client text not null,
    message_id text not null,
    kind text not null,
    subject text,
    customer_id text,
    anonymous_id text,
    backfill boolean not null,
    bus_message_id uuid not null,
    body text not null,
    link_message_id uuid,
    link_body text
) partition by range (received_at);

create index ix_events_transaction_id_position on events (transaction_id, position);

-- A table that is partitioned by day cannot hold this uniqueness.
create table message_keys (
    client text not null,
    message_id text not null,
    event_id uuid not null,
    primary key (client, message_id)
) partition by hash (client, message_id);

create table message_keys_0 partition of message_keys for values with (modulus 8, remainder 0);
create table message_keys_1 partition of message_keys for values with (modulus 8, remainder 1);
create table message_keys_2 partition of message_keys for values with (modulus 8, remainder 2);
create table message_keys_3 partition of message_keys for values with (modulus 8, remainder 3);
create table message_keys_4 partition of message_keys for values with (modulus 8, remainder 4);
create table message_keys_5 partition of message_keys for values with (modulus 8, remainder 5);
create table message_keys_6 partition of message_keys for values with (modulus 8, remainder 6);
create table message_keys_7 partition of message_keys for values with (modulus 8, remainder 7);

create table order_keys (
    order_id text primary key,
    event_id uuid not null
);

create table payment_keys (
    payment_id text primary key,
    event_id uuid not null
);

-- Which browser belongs to which customer; a shared browser belongs to several.
create table identities (
    anonymous_id text not null,
    customer_id text not null,
    linked_at timestamptz not null,
    primary key (anonymous_id, customer_id)
);

create index ix_identities_customer_id on identities (customer_id);

create table customers (
    customer_id text primary key,
    country text,
    email_hash text,
    email_domain text,
    phone_hash text,
    registered_at timestamptz,
    changed_at timestamptz not null
);

create table products (
    product_id text primary key,
    version bigint not null,
    event_id uuid not null,
    name text not null,
    brand text,
    category text,
    price_minor bigint,
    price_currency text,
    stock int,
    active boolean not null,
    changed_at timestamptz not null
);

-- Refused events, and refused lines of orders that were accepted or refused.
create table rejections (
    position bigint generated always as identity primary key,
    id uuid not null unique,
    line boolean not null,
    event_id uuid not null,
    received_at timestamptz not null,
    sent_at timestamptz,
    client text not null,
    message_id text not null,
    kind text not null,
    reason text not null,
    path text not null,
    detail text,
    payload text,
    customer_id text,
    anonymous_id text,
    replayed_at timestamptz,
    replayed_event_id uuid
);

create index ix_rejections_reason_position on rejections (reason, position);

-- Counts of everything that was ever received. The slot spreads replicas over rows, so that they do not wait for one
-- another; a reader sums over slots.
create table counters (
    slot smallint not null,
    name text not null,
    label text not null,
    value bigint not null,
    primary key (slot, name, label)
);

-- History of shop events: what training rows are replayed from and what a rebuild fills a new generation from.
-- One partition a month of event time, made when its first event comes: old months can be dropped or moved.
create table shop_events (
    id uuid not null,
    line integer not null,
    message_id uuid not null,
    kind text not null,
    at timestamptz not null,
    customer text,
    anonymous text,
    product text,
    reference text,
    category text,
    session text,
    device text,
    ip text,
    ip_network text,
    ip_country text,
    card text,
    card_country text,
    billing_country text,
    shipping_country text,
    email text,
    email_domain text,
    succeeded boolean,
    amount bigint,
    quantity bigint,
    rating bigint,
    backfill boolean not null,
    recorded_at timestamptz not null default now(),
    primary key (at, id, line)
) partition by range (at);

create index ix_shop_events_kind_at on shop_events (kind, at);
create index ix_shop_events_customer_at on shop_events (customer, at) where customer is not null;
create index ix_shop_events_anonymous_at on shop_events (anonymous, at) where anonymous is not null;
create index ix_shop_events_product_at on shop_events (product, at) where product is not null;
create index ix_shop_events_card_at on shop_events (card, at) where card is not null;
create index ix_shop_events_device_at on shop_events (device, at) where device is not null;
create index ix_shop_events_ip_at on shop_events (ip, at) where ip is not null;
create index ix_shop_events_session_at on shop_events (session, at) where session is not null;
create index ix_shop_events_payment on shop_events (reference) where kind = 'PaymentAttempted';

-- The newest identification of each anonymous id.
create table identities (
    anonymous text primary key,
    customer text not null,
    identified_at timestamptz not null
);

create index ix_identities_customer on identities (customer);

-- Disputes whose payment has not come yet.
create table waiting_disputes (
    event_id uuid primary key,
    message_id uuid not null,
    payment_id text not null,
    disputed_at timestamptz not null,
    backfill boolean not null
);

create index ix_waiting_disputes_payment_id on waiting_disputes (payment_id);

-- Generations of online state in Redis. One is active; one may be building beside it.
create table generations (
    generation integer primary key,
    state text not null check (state in ('active', 'building', 'retired', 'dropped')),
    definitions text not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
);

create unique index ix_generations_state on generations (state) where state in ('active', 'building');

create index ix_shop_events_cancelled on shop_events (reference) where kind = 'OrderCancelled';

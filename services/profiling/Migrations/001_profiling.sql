-- One row an order; the key makes a redelivered order count once. Products are the basket that rules are mined from.
create table orders (
    order_id text primary key,
    customer_id text,
    placed_at timestamptz not null,
    spent bigint not null,
    products text[] not null
);

create index ix_orders_customer_id on orders (customer_id);
create index ix_orders_placed_at on orders (placed_at);

-- A cancellation may arrive before its order.
create table cancelled_orders (
    order_id text primary key
);

create table refunds (
    refund_id text primary key,
    customer_id text not null,
    amount bigint not null
);

create index ix_refunds_customer_id on refunds (customer_id);

create table customers (
    customer_id text primary key,
    country text,
    registered_at timestamptz,
    last_seen_at timestamptz,
    views bigint not null default 0,
    carts bigint not null default 0,
    segment text,
    segment_version int,
    segment_since timestamptz,
    -- The profile is to be made anew; live when anything but an import or a new model is the cause.
    changed boolean not null default true,
    live boolean not null default false
);

create index ix_customers_changed on customers (customer_id) where changed;
create index ix_customers_segment on customers (segment, customer_id);

create table products (
    product_id text primary key,
    version bigint not null,
    name text not null
);

-- The segmentation that serves: one row.
create table segment_models (
    only_row boolean primary key default true check (only_row),
    model_version int not null,
    artefact_path text not null,
    artefact_sha256 text not null,
    promoted_at timestamptz not null
);

create table rule_runs (
    run_id bigint generated always as identity primary key,
    state text not null check (state in ('queued', 'succeeded')),
    baskets int not null default 0,
    rules int not null default 0,
    limit_reached boolean not null default false,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
);

create unique index ix_rule_runs_queued on rule_runs ((true)) where state = 'queued';

create table rules (
    run_id bigint not null references rule_runs on delete cascade,
    rank int not null,
    antecedent text[] not null,
    consequent text not null,
    baskets int not null,
    antecedent_baskets int not null,
    support double precision not null,
    confidence double precision not null,
    lift double precision not null,
    primary key (run_id, rank)
);

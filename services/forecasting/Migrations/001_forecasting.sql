-- What was sold: one row an order and product, no customer. The primary key makes a redelivered order count once.
create table order_lines (
    order_id text not null,
    product_id text not null,
    day date not null,
    units int not null,
    revenue bigint not null,
    primary key (order_id, product_id)
);

create index ix_order_lines_product_id_day on order_lines (product_id, day);
create index ix_order_lines_day on order_lines (day);

-- A cancellation may arrive before its order.
create table cancelled_orders (
    order_id text primary key
);

create table products (
    product_id text primary key,
    version bigint not null,
    name text not null,
    active boolean not null,
    stock int,
    -- False while the stock is known from an import only: such stock raises no reorder.
    stock_live boolean not null,
    updated_at timestamptz not null default clock_timestamp()
);

create table forecasts (
    product_id text primary key,
    origin date not null,
    method text not null,
    point double precision[] not null,
    low80 double precision[] not null,
    high80 double precision[] not null,
    low95 double precision[] not null,
    high95 double precision[] not null,
    backtests jsonb not null,
    history_days int not null,
    next28_days double precision not null,
    safety_stock double precision not null,
    reorder_point double precision not null,
    order_up_to double precision not null,
    lead_time_days int not null,
    service_level double precision not null,
    forecasted_at timestamptz not null
);

create index ix_forecasts_next28_days on forecasts (next28_days desc, product_id);

create table forecast_runs (
    run_id bigint generated always as identity primary key,
    state text not null check (state in ('queued', 'running', 'succeeded')),
    product_cursor text not null default '',
    products int not null default 0,
    requested_at timestamptz not null default now(),
    finished_at timestamptz
);

create unique index ix_forecast_runs_unfinished on forecast_runs ((true)) where state in ('queued', 'running');

create table reorder_proposals (
    proposal_id uuid primary key,
    product_id text not null,
    quantity int not null,
    stock int not null,
    safety_stock double precision not null,
    reorder_point double precision not null,
    order_up_to double precision not null,
    lead_time_days int not null,
    service_level double precision not null,
    state text not null check (state in ('open', 'accepted', 'dismissed')),
    proposed_at timestamptz not null,
    decided_at timestamptz,
    decided_by text
);

create index ix_reorder_proposals_product_id on reorder_proposals (product_id, proposed_at desc);

-- What each visitor did with each product. A visitor is 'c:' and a customer id, or 'a:' and an anonymous id.
create table visitor_products (
    visitor text not null,
    product_id text not null,
    bought boolean not null,
    last_at timestamptz not null,
    primary key (visitor, product_id)
);

-- What happened to each product on each day of event time: popularity and trends.
create table product_days (
    product_id text not null,
    day date not null,
    orders int not null default 0,
    carts int not null default 0,
    views int not null default 0,
    primary key (product_id, day)
);

create index ix_product_days_day on product_days (day);

create table products (
    product_id text primary key,
    version bigint not null,
    name text not null,
    brand text,
    category text,
    stock int,
    active boolean not null,
    updated_at timestamptz not null default clock_timestamp()
);

create index ix_products_updated_at on products (updated_at);

create table identities (
    anonymous_id text primary key,
    customer_id text not null
);

create index ix_identities_customer_id on identities (customer_id);

-- A generation is one full set of lists, made with one model version; the row with state 'current' is served.
create table generations (
    generation bigint generated always as identity primary key,
    model_version int not null,
    trainer text not null,
    artefact_path text not null,
    artefact_sha256 text not null,
    state text not null check (state in ('pending', 'running', 'current', 'kept', 'dropped', 'failed')),
    customer_cursor text not null default '',
    customers int not null default 0,
    products int not null default 0,
    error text,
    created_at timestamptz not null default now(),
    switched_at timestamptz
);

create unique index ix_generations_current on generations ((true)) where state = 'current';

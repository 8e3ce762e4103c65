-- What came of answers, by hour of the answer and by slice: placement, model version (0: no list of a model), arm of an
-- experiment (experiment 0: none).
create table answer_hours (
    hour timestamptz not null,
    placement text not null,
    model_version int not null,
    experiment int not null,
    arm int not null,
    answers bigint not null default 0,
    impressions bigint not null default 0,
    empty bigint not null default 0,
    degraded bigint not null default 0,
    slow bigint not null default 0,
    clicks bigint not null default 0,
    carts bigint not null default 0,
    orders bigint not null default 0,
    revenue bigint not null default 0,
    primary key (hour, placement, model_version, experiment, arm)
);

-- Which products were shown at all: coverage.
create table shown_products (
    day date not null,
    placement text not null,
    model_version int not null,
    experiment int not null,
    arm int not null,
    product_id text not null,
    primary key (day, placement, model_version, experiment, arm, product_id)
);

-- Events that may be outcomes, each once by its id; kept after they were counted, so that a redelivery is known.
create table outcome_events (
    event_id uuid not null,
    product_id text not null,
    kind text not null check (kind in ('click', 'cart', 'buy')),
    answer_id text,
    customer_id text,
    anonymous_id text,
    amount bigint not null default 0,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    counted boolean not null default false,
    primary key (event_id, product_id)
);

create index ix_outcome_events_waiting on outcome_events (recorded_at) where not counted;
create index ix_outcome_events_recorded_at on outcome_events (recorded_at);
create index ix_outcome_events_customer on outcome_events (customer_id) where customer_id is not null;
create index ix_outcome_events_anonymous on outcome_events (anonymous_id) where anonymous_id is not null;

-- A product of an answer that a visitor reacted to: what later carts and orders are attributed to.
create table answer_touches (
    answer_id text not null,
    product_id text not null,
    customer_id text,
    anonymous_id text,
    clicked boolean not null,
    carted boolean not null,
    first_at timestamptz not null,
    primary key (answer_id, product_id)
);

create index ix_answer_touches_customer on answer_touches (customer_id, product_id) where customer_id is not null;
create index ix_answer_touches_anonymous on answer_touches (anonymous_id, product_id) where anonymous_id is not null;
create index ix_answer_touches_first_at on answer_touches (first_at);

-- Windows of which the quality of a model was announced.
create table measurements (
    model_version int not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    answers bigint not null,
    primary key (model_version, to_at)
);

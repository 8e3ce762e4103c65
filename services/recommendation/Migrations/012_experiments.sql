create table experiments (
    number int generated always as identity primary key,
    name text not null unique,
    version int not null,
    state text not null check (state in ('draft', 'running', 'stopped')),
    body jsonb not null,
    stopped_arms text[] not null default '{}',
    winner text,
    started_at timestamptz,
    stopped_at timestamptz,
    changed_by text not null,
    changed_at timestamptz not null
);

-- One experiment a placement at a time: arms of two would mix.
create unique index ix_experiments_running on experiments ((body ->> 'placement')) where state = 'running';

-- Whom an experiment counts: a visitor, as the first 64 bits of a hash. Outcomes within the window after the first
-- answer.
create table exposures (
    experiment int not null references experiments on delete cascade,
    unit bigint not null,
    arm int not null,
    first_at timestamptz not null,
    answers bigint not null,
    clicks bigint not null default 0,
    carts bigint not null default 0,
    orders bigint not null default 0,
    revenue bigint not null default 0,
    primary key (experiment, unit)
);

create index ix_exposures_unit on exposures (unit);

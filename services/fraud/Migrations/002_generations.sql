-- Generations of what Redis remembers, with the life of Redis that their data belong to.
create table generations (
    generation integer primary key,
    state text not null check (state in ('active', 'building', 'retired', 'dropped')),
    definitions text not null,
    epoch text,
    lost_at timestamptz,
    done bigint not null default 0,
    expected bigint,
    verify integer not null default 0,
    compared integer,
    differing integer,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
);

create unique index ix_generations_state on generations (state) where state in ('active', 'building');

alter table decisions
    -- Decided while Redis lacked some of what it remembers.
    add column degraded boolean not null default false,
    -- What the processor said; null if nothing yet. Of decisions made before this column it is not known.
    add column succeeded boolean;

create index ix_decisions_uncounted on decisions (decided_at)
    where not attempt_counted or (succeeded is not null and not outcome_counted);

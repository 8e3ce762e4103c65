-- Versions of the model that were ever served: decisions name them and are judged again by them.
create table models (
    version integer primary key,
    trainer text not null,
    artefact_path text not null,
    artefact_sha256 text not null,
    known_at timestamptz not null
);

-- The champion decides with the rules; the challenger is asked and has no effect.
create table model_roles (
    role text primary key check (role in ('champion', 'challenger')),
    version integer not null references models,
    since timestamptz not null,
    -- While it is suspended, rules decide alone.
    suspended_at timestamptz,
    suspended_because text,
    suspended_by text,
    -- How the newest payments differ from what the version learnt from.
    drift jsonb,
    constraint model_roles_suspended check (
        (suspended_at is null) = (suspended_because is null) and (suspended_at is null) = (suspended_by is null))
);

create table model_changes (
    position bigint generated always as identity primary key,
    version integer not null references models,
    change text not null check (change in ('promoted', 'challenging', 'suspended', 'resumed')),
    reason text,
    made_by text not null,
    made_at timestamptz not null
);

-- What turned a score into a decision: costs and the price of a person's look. The newest is in force.
create table policies (
    position bigint generated always as identity primary key,
    version text not null,
    content text not null,
    made_at timestamptz not null
);

create index ix_policies_version on policies (version);

-- How true the scores of a version were, by the labels of payments old enough.
create table model_outcomes (
    version integer not null references models,
    from_at timestamptz not null,
    to_at timestamptz not null,
    metrics jsonb not null,
    sample integer not null,
    primary key (version, from_at, to_at)
);

alter table decisions
    add column model_version integer,
    add column model_score float8,
    add column model_anomaly float8,
    add column model_decision text,
    add column policy text,
    -- Why rules decided alone although there is a model; null if they did not.
    add column fallback text,
    add column challenger_version integer,
    add column challenger_score float8,
    add column challenger_decision text;

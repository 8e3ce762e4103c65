-- Models, the runs that make their versions, and who put which version into service.

create table models (
    name text primary key,
    last_version int not null default 0
);

create table runs (
    position bigint generated always as identity unique,
    run_id uuid primary key,
    trainer text not null,
    model text not null references models (name),
    reason text not null,
    requested_by text not null,
    options jsonb not null,
    state text not null default 'queued'
        check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    progress float8 not null default 0 check (progress between 0 and 1),
    stage text not null default 'waiting',
    log text not null default '',
    error text,
    cancel_requested boolean not null default false,
    attempt int not null default 0,
    owner text,
    data_set jsonb,
    trace_parent text,
    queued_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz
);

create index ix_runs_open on runs (model, position) where state in ('queued', 'running');
create index ix_runs_state on runs (state, position desc);
create index ix_runs_trainer on runs (trainer, position desc);

create table versions (
    model text not null references models (name),
    version int not null check (version >= 1),
    trainer text not null,
    run_id uuid not null unique references runs (run_id),
    seed int not null,
    options jsonb not null,
    metric text not null,
    metrics jsonb not null,
    baselines jsonb not null,
    champion_version int,
    champion_metrics jsonb,
    passed_gate boolean not null,
    verdict text not null,
    data_set jsonb not null,
    artefact_file text not null,
    artefact_bytes bigint not null,
    artefact_sha256 text not null,
    trained_at timestamptz not null,
    primary key (model, version)
);

create table aliases (
    model text not null,
    alias text not null check (alias in ('champion', 'challenger')),
    version int not null,
    set_at timestamptz not null,
    primary key (model, alias),
    foreign key (model, version) references versions (model, version)
);

-- The audit trail; rows are only added.
create table promotions (
    position bigint generated always as identity primary key,
    model text not null,
    version int not null,
    previous_version int,
    kind text not null check (kind in ('promoted', 'rolled-back')),
    promoted_by text not null,
    reason text not null,
    promoted_at timestamptz not null,
    foreign key (model, version) references versions (model, version)
);

create index ix_promotions_model on promotions (model, position desc);

create table drifts (
    position bigint generated always as identity primary key,
    feature text not null,
    statistic text not null,
    value float8 not null,
    threshold float8 not null,
    sample_size int not null,
    detected_at timestamptz not null
);

-- Live quality, as measured by the services that decide; the version need not be known here any more.
create table outcomes (
    model text not null,
    version int not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    sample_size int not null,
    metrics jsonb not null,
    primary key (model, version, from_at, to_at)
);

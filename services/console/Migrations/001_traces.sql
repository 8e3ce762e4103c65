-- Spans received over OTLP, one partition a UTC day of their start: pruning drops whole days.
create table spans (
    trace_id text not null,
    span_id text not null,
    parent_id text,
    service text not null,
    scope text not null,
    name text not null,
    kind smallint not null,
    started_at timestamptz not null,
    duration_us bigint not null,
    status smallint not null,
    status_message text,
    attributes jsonb not null,
    events jsonb,
    links jsonb,
    refs text[],
    primary key (trace_id, span_id, started_at)
) partition by range (started_at);

create index ix_spans_started_at on spans (started_at desc);
create index ix_spans_service_started_at on spans (service, started_at desc);

-- "order:…" and "customer:…": few spans carry one, so the index stays small.
create index ix_spans_refs on spans using gin (refs) where refs is not null;

-- Which spans of other traces point here.
create index ix_spans_links on spans using gin (links jsonb_path_ops) where links is not null;

create function ensure_span_day(day date) returns void language plpgsql as $$
begin
    -- Two replicas may meet here.
    perform pg_advisory_xact_lock(hashtext('console.spans'));
    execute format(
        'create table if not exists %I partition of spans for values from (%L) to (%L)',
        'spans_' || to_char(day, 'YYYYMMDD'),
        day::timestamp at time zone 'utc',
        (day + 1)::timestamp at time zone 'utc');
end
$$;

create function drop_span_days(oldest_kept date) returns integer language plpgsql as $$
declare
    old record;
    dropped integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('console.spans'));
    for old in
        select c.relname
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'spans'::regclass
          and to_date(right(c.relname, 8), 'YYYYMMDD') < oldest_kept
    loop
        execute format('drop table %I', old.relname);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;

-- Log lines of severity warning or above that belong to a trace.
create table logs (
    id bigint generated always as identity primary key,
    trace_id text not null,
    span_id text,
    service text not null,
    severity smallint not null,
    logged_at timestamptz not null,
    body text not null,
    attributes jsonb not null
);

create index ix_logs_trace_id on logs (trace_id);
create index ix_logs_logged_at on logs (logged_at);

-- Fills of history from ingestion's log: how far each has come, so that it goes on after a crash.
create table log_fills (
    fill integer generated always as identity primary key,
    cursor text,
    messages bigint not null default 0,
    done boolean not null default false,
    started_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
);

create unique index ix_log_fills_open on log_fills (done) where not done;

-- Messages that a consumer could not handle, for people to read, replay or discard. Their error queues empty into this.

create table parked_messages (
    position bigint generated always as identity primary key,
    id uuid not null unique,
    queue text not null,
    -- The message id, or a hash of the body where there is none: what was delivered twice is parked once.
    message_key text not null,
    message_id text,
    correlation_id text,
    message_type text,
    content_type text,
    headers jsonb not null,
    body bytea not null,
    fault_type text not null,
    fault_message text not null,
    fault_stack text,
    attempts int not null,
    first_failed_at timestamptz not null,
    last_failed_at timestamptz not null,
    trace_id text,
    state text not null default 'parked' check (state in ('parked', 'replayed', 'discarded')),
    handled_at timestamptz,
    handled_by text,
    handled_reason text
);

create unique index ux_parked_messages_waiting on parked_messages (queue, message_key) where state = 'parked';
create index ix_parked_messages_handled_at on parked_messages (handled_at) where state <> 'parked';

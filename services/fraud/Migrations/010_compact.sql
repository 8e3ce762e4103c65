-- The names of vectors: a packed vector begins with their number.
create table vector_names (
    number integer generated always as identity primary key,
    digest text not null unique,
    names text[] not null
);

-- What Redis may lack of a payment. A row of its own, since a change of a decision would write it and its indexes anew.
create table uncounted (
    payment_id text primary key,
    attempt boolean not null,
    outcome boolean not null,
    since timestamptz not null
);

insert into uncounted (payment_id, attempt, outcome, since)
select payment_id, not attempt_counted, succeeded is not null and not outcome_counted, decided_at
from decisions
where not attempt_counted or (succeeded is not null and not outcome_counted);

alter table decisions
    -- The numbers that rules saw. Decisions of earlier releases have them as JSON instead.
    add column packed_vector bytea,
    alter column vector drop not null,
    drop column attempt_counted,
    drop column outcome_counted;

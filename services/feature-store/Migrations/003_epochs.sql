-- Generations know the life of Redis that their data belong to: another one means that something is lost.
alter table generations
    add column epoch text,
    add column lost_at timestamptz,
    add column done bigint not null default 0,
    add column expected bigint,
    add column verify integer not null default 0,
    add column compared integer,
    add column differing integer;

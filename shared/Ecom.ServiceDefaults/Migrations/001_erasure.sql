-- Keyed hashes of ids that were erased: older messages about them may still be under way and must not bring them back.
create table erased_ids (
    id_hash bytea primary key,
    erased_at timestamptz not null default now()
);

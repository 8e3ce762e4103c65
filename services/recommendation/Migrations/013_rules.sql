create table rules (
    rule bigint generated always as identity primary key,
    version int not null,
    state text not null check (state in ('draft', 'active', 'retired')),
    body jsonb not null,
    changed_by text not null,
    changed_at timestamptz not null
);

create index ix_rules_active on rules (rule) where state = 'active';

-- Some answers with all their candidates: what a rule or another setting would have changed is computed on them.
create table answer_samples (
    answer_id text primary key,
    served_at timestamptz not null,
    placement text not null,
    customer_id text,
    anonymous_id text,
    shown text[] not null,
    propensities float8[],
    candidates text[] not null
);

create index ix_answer_samples_served_at on answer_samples (placement, served_at);
create index ix_answer_samples_customer on answer_samples (customer_id) where customer_id is not null;
create index ix_answer_samples_anonymous on answer_samples (anonymous_id) where anonymous_id is not null;

-- Rules by version: what is written never changes, only its state does.
create table rules (
    code text not null,
    version integer not null,
    state text not null check (state in ('draft', 'shadow', 'active', 'retired')),
    expression text not null,
    weight float8 not null,
    action text not null check (action in ('Score', 'Review', 'Block', 'Allow')),
    text text not null,
    note text,
    author text not null,
    approver text,
    created_at timestamptz not null,
    -- Since when it runs in the shadow; null if it never did.
    shadow_at timestamptz,
    -- When it was last activated; null if it never was.
    activated_at timestamptz,
    retired_at timestamptz,
    retired_by text,
    primary key (code, version)
);

create unique index ix_rules_live on rules (code, state) where state in ('active', 'shadow');

-- Every change of a rule or a list; replicas compare the newest position with theirs.
create table rule_changes (
    position bigint generated always as identity primary key,
    subject text not null check (subject in ('rule', 'list')),
    name text not null,
    version integer,
    change text not null,
    changed_by text not null,
    changed_at timestamptz not null
);

create index ix_rule_changes_name on rule_changes (subject, name, position);

-- Each set of rules that was ever in force, word for word: what decisions name in decided_by.
create table rule_sets (
    version text primary key,
    content text not null,
    first_used_at timestamptz not null
);

create table lists (
    name text primary key,
    entity text not null,
    -- What the list does by itself; null if only rules look into it.
    action text check (action in ('Review', 'Block', 'Allow')),
    description text not null,
    author text not null,
    created_at timestamptz not null
);

create table list_entries (
    position bigint generated always as identity primary key,
    list text not null references lists,
    value text not null,
    reason text not null,
    author text not null,
    added_at timestamptz not null,
    expires_at timestamptz,
    unique (list, value)
);

create index ix_list_entries_value on list_entries (value);

alter table decisions
    -- The texts that rules saw, what lists held of them, and the shadow rules that held, as code@version. Of decisions
    -- made before these columns, nothing of it was looked at.
    add column texts jsonb not null default '{}',
    add column listed jsonb not null default '[]',
    add column shadow text[] not null default '{}';

create index ix_decisions_shadow on decisions using gin (shadow) where shadow <> '{}';
create index ix_decisions_decided_at on decisions using brin (decided_at);
create index ix_decisions_attempted_at on decisions (attempted_at);

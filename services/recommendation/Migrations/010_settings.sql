-- Every change of what merchandisers set: placements, rules, experiments. Replicas look for the newest number; writers
-- take a lock, so that numbers become visible in their order.
create table changes (
    change bigint generated always as identity primary key,
    kind text not null check (kind in ('placement', 'rule', 'experiment')),
    subject text not null,
    version int not null,
    action text not null,
    body jsonb,
    changed_by text not null,
    changed_at timestamptz not null
);

create index ix_changes_subject on changes (kind, subject, version);

create table placements (
    name text primary key,
    version int not null default 1,
    settings jsonb not null,
    changed_by text not null default 'default',
    changed_at timestamptz not null default now()
);

insert into placements (name, settings) values
('home', '{"sources": ["personal", "session", "trending", "popular"], "count": 10}'),
('product', '{"sources": ["similar"], "fallback": ["personal", "session", "popular"], "count": 10}'),
('also-bought', '{"sources": ["similar"], "fallback": ["popular"], "count": 10}'),
('cart', '{"sources": ["similar"], "fallback": ["personal", "session", "popular"], "count": 10}'),
('email', '{"sources": ["personal", "session"], "fallback": ["popular"], "count": 10}'),
('search-empty', '{"sources": ["session", "personal"], "fallback": ["trending", "popular"], "count": 10}'),
('trending', '{"sources": ["trending"], "fallback": ["popular"], "count": 10, "excludeBought": false}');

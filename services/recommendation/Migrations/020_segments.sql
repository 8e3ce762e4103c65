-- Segments that customers were told to be in. The number stands in the visitor's value in Redis, where one byte is free.
create table segments (
    number int generated always as identity primary key,
    name text not null unique
);

-- The segment of each customer, as told last; null: in none.
create table visitor_segments (
    visitor text primary key,
    segment int references segments,
    changed_at timestamptz not null
);

-- What fills for everybody begins with what is popular in the visitor's segment.
update placements
set settings = jsonb_set(settings, '{sources}', '["personal", "session", "segment", "trending", "popular"]')
where name = 'home' and changed_by = 'default';
update placements
set settings = jsonb_set(settings, '{fallback}', '["personal", "session", "segment", "popular"]')
where name in ('product', 'cart') and changed_by = 'default';
update placements
set settings = jsonb_set(settings, '{fallback}', '["segment", "popular"]')
where name in ('also-bought', 'email', 'trending') and changed_by = 'default';
update placements
set settings = jsonb_set(settings, '{fallback}', '["segment", "trending", "popular"]')
where name = 'search-empty' and changed_by = 'default';

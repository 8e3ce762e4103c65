-- Where a visitor browses, lists are made diverse; placements that somebody set stay as they are.
update placements
set settings = settings || '{"diversity": 0.5}'
where name in ('home', 'email') and changed_by = 'default';

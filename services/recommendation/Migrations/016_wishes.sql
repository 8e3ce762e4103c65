-- What a visitor wished for says more than what was only looked at.
alter table visitor_products add column wished boolean not null default false;

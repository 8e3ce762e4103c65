-- What a run chose by searching: a later run fits the champion from it instead of searching anew.
alter table versions add column settled jsonb;

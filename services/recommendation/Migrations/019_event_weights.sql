-- What the model learnt that kinds of event count: histories are scored as it learnt from them. Databases that ran it as
-- 017_event_weights, a number that another migration has too, have the column.
alter table generations add column if not exists event_weights text;

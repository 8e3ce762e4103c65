-- The list that each candidate came from: what another order of lists would have shown.
alter table answer_samples add column sources text[] not null default '{}';

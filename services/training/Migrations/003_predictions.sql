-- What the models of a run were foretold to take, before anything was fitted.
alter table runs add column predictions jsonb;

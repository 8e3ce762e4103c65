-- What the model learnt that kinds of event count: histories are scored as it learnt from them.
alter table generations add column event_weights text;

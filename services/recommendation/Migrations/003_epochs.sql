-- The life of Redis that a generation's lists belong to: in another one they are lost and made anew.
alter table generations add column epoch text;

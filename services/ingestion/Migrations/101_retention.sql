-- Keys of a day go each day: a thirtieth of a table, which the server's default of a fifth would let pile up for a week.
do $$
declare
    keys text;
begin
    foreach keys in array array['message_keys_0', 'message_keys_1', 'message_keys_2', 'message_keys_3',
        'message_keys_4', 'message_keys_5', 'message_keys_6', 'message_keys_7', 'order_keys', 'payment_keys']
    loop
        execute format('alter table %I set (autovacuum_vacuum_scale_factor = 0.02)', keys);
    end loop;
end
$$;

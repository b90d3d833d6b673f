-- Removes counters that are zero.
--
-- KEYS[1]   hash of counters
-- ARGV[1…]  fields that the caller found to be 0; a field that is no longer 0 stays
--
-- Returns   number of fields removed
-- Cost      one or two calls a field, about 1 µs each
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local removed = 0
for i = 1, #ARGV do
  if redis.call('HGET', KEYS[1], ARGV[i]) == '0' then
    removed = removed + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return removed

-- Removes fields that are 0 by now.
--
-- KEYS[1]   a hash of counts
-- ARGV[1…]  fields that were found to be 0
--
-- Returns   how many were removed
-- Cost      one or two calls a field: about 1 µs each
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local removed = 0
for i = 1, #ARGV do
  if redis.call('HGET', KEYS[1], ARGV[i]) == '0' then
    removed = removed + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return removed

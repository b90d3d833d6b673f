-- Replaces the copy of all sites, unless the stored one is newer.
--
-- KEYS[1]   the copy
-- ARGV[1]   offset up to which the new copy has read the topic
-- ARGV[2]   offset of a copy that the caller found to be wrong, or "". A stored copy with it is replaced
--           even if it is newer: the topic was deleted and created again
-- ARGV[3…]  for each site two values: its id, its JSON
--
-- Returns   1 when replaced, 0 when the stored copy stays
-- Cost      one call a site: about 1 µs, and copying its JSON
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local stored = redis.call('HGET', KEYS[1], '#')
if stored and stored ~= ARGV[2] and tonumber(stored) >= tonumber(ARGV[1]) then
  return 0
end

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], '#', ARGV[1])
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end

return 1

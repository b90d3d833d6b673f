-- Reads a shard's packed states in the order of their keys, until they weigh too much.
--
-- KEYS      strings, all of one slot
-- ARGV[1]   the most bytes that all values together may have
-- ARGV[2]   how many of the first keys are read whatever they weigh
--
-- Returns   the values of the first keys, false where a key is missing; fewer values than keys when the next one would
--           be too much
-- Cost      one call for each key, about 1 µs, and 0.3 ms for each MB
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local values, bytes = {}, 0
local most, first = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 1, #KEYS do
  local value = redis.call('GET', KEYS[i])
  if value then
    bytes = bytes + #value
    if bytes > most and i > first then
      return values
    end
  end
  values[i] = value
end
return values

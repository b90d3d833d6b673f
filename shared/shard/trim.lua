-- Removes from a hash the fields (days) whose keys are gone, and no other.
--
-- KEYS[1]   the hash
-- KEYS[2…]  the keys that hold a day's numbers: the same number of keys for each field, field by field
-- ARGV[1…]  the fields
--
-- Returns   how many fields were removed
-- Cost      two calls for each field, one of which checks its keys: about 1 µs for each field and key
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local each = (#KEYS - 1) / #ARGV
local removed = 0

for i = 1, #ARGV do
  local first = 2 + (i - 1) * each
  if redis.call('EXISTS', unpack(KEYS, first, first + each - 1)) == 0 then
    removed = removed + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end

return removed

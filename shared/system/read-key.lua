-- Reads the beginning of one key of any type. Long values are cut here, so they never leave Redis whole.
--
-- KEYS[1]   the key
-- ARGV[1]   the most bytes of a string
-- ARGV[2]   the most entries of a hash, list, set or sorted set
-- ARGV[3]   the most bytes of a field, and of a value in an entry
--
-- Returns   {type, ms until it expires or -1, bytes or entries, bytes of memory or -1, part, length, part, length, …}:
--           a string's beginning; a hash's fields, each followed by its value; a list's, set's or sorted set's members,
--           the latter each followed by its score. `length` is that of the whole part. {"none"} where there is no key.
-- Cost      some µs for each entry. Writes nothing.
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local key = KEYS[1]
local bytes, entries, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local type = redis.call('TYPE', key).ok
if type == 'none' then
  return { type }
end

local memory = redis.pcall('MEMORY', 'USAGE', key)
if tonumber(memory) == nil then
  memory = -1
end
local answer = { type, redis.call('PTTL', key), 0, memory }

local function add(part)
  answer[#answer + 1] = string.sub(part, 1, most)
  answer[#answer + 1] = #part
end

-- A small hash or set comes whole, whatever COUNT says.
local function add_first(parts, count)
  for i = 1, math.min(#parts, count) do
    add(parts[i])
  end
end

if type == 'string' then
  answer[3] = redis.call('STRLEN', key)
  answer[5] = redis.call('GETRANGE', key, 0, bytes - 1)
  answer[6] = answer[3]
elseif type == 'hash' then
  answer[3] = redis.call('HLEN', key)
  add_first(redis.call('HSCAN', key, 0, 'COUNT', entries)[2], 2 * entries)
elseif type == 'set' then
  answer[3] = redis.call('SCARD', key)
  add_first(redis.call('SSCAN', key, 0, 'COUNT', entries)[2], entries)
elseif type == 'zset' then
  answer[3] = redis.call('ZCARD', key)
  add_first(redis.call('ZRANGE', key, 0, entries - 1, 'WITHSCORES'), 2 * entries)
elseif type == 'list' then
  answer[3] = redis.call('LLEN', key)
  add_first(redis.call('LRANGE', key, 0, entries - 1), entries)
end
return answer

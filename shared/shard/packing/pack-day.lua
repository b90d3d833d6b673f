-- Puts a packed day in the place of what it was packed from: everything, or nothing.
--
-- KEYS[1]   the days that have changed
-- KEYS[2]   the days that are packed
-- KEYS[3]   the day's container
-- KEYS[4]   its hash of large sections
-- KEYS[5]   the container of its hours
-- KEYS[6…]  what is packed: first the hours, where ARGV[6] is not empty, then the rest
-- ARGV[1]   the day
-- ARGV[2]   the offset of its last change when it was read
-- ARGV[3]   the token of the container that was read, "" when there was none
-- ARGV[4]   the same of the hours
-- ARGV[5]   the new container
-- ARGV[6]   the new container of the hours, "" when the day has none
-- ARGV[7…]  fields and values of the large sections
--
-- Returns   1 when it was packed; 0 when the day has changed or was packed by another one, and nothing has changed
-- Cost      two calls for each key, and one for each large section
--
-- The offset alone would not do: the tokens say that the container is the one that was read. Both together tell all that
-- the day has, also when Redis has lost data and was filled again meanwhile.
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local day, hours = ARGV[1], ARGV[6]
if
  (redis.call('HGET', KEYS[1], day) or '') ~= ARGV[2]
  or redis.call('GETRANGE', KEYS[3], 0, 7) ~= ARGV[3]
  or redis.call('GETRANGE', KEYS[5], 0, 7) ~= ARGV[4]
then
  return 0
end

-- First a write that a full Redis refuses, and that changes nothing that is read: the script then ends here. See commit.lua.
redis.call('HSET', KEYS[2], day, '')

-- A packed day expires with the last of what is in it.
local function latest(...)
  local ttl = 0
  for _, key in ipairs({ ... }) do
    ttl = math.max(ttl, redis.call('PTTL', key))
  end
  return ttl
end

-- Sets a container, and its expiry. Nothing is there to be packed when nothing expires.
local function set(key, value, ttl)
  if ttl > 0 then
    redis.call('SET', key, value, 'PX', string.format('%d', ttl))
  end
  return ttl > 0
end

local first = 6
if hours ~= '' then
  first = 7
  if set(KEYS[5], hours, latest(KEYS[5], KEYS[6])) then
    redis.call('UNLINK', KEYS[6])
  end
end

local ttl = latest(KEYS[3], unpack(KEYS, first))
if set(KEYS[3], ARGV[5], ttl) then
  redis.call('UNLINK', KEYS[4], unpack(KEYS, first))
  for i = 7, #ARGV, 2 do
    redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1])
  end
  if #ARGV >= 7 then
    redis.call('PEXPIRE', KEYS[4], string.format('%d', ttl))
  end
end
redis.call('HSET', KEYS[2], day, ARGV[2])
return 1

-- Takes tokens out of some buckets: out of all of them, or out of none.
--
-- A bucket is stored as the instant at which it will be full again, µs since the epoch (the generic cell rate
-- algorithm, ITU-T I.371). One that is full is not stored, so buckets of those who have gone are gone.
--
-- KEYS[1]   the salt of the day, which addresses are digested with
-- KEYS[2…]  the buckets
-- ARGV[1]   the salt that the buckets' names were made with
-- ARGV[2]   a salt to use from now on, when there is none
-- ARGV[3]   how long a salt is used, ms
-- ARGV[4]   tokens to take; of a bucket that holds fewer, all that it holds
-- ARGV[5…]  for each bucket in turn two values: tokens that come back each second, tokens that it holds
--
-- Returns   the salt, when it is not that of ARGV[1]: nothing was taken
--           {0, 0} when all was taken
--           {i, ms} when the i-th bucket has too little, and in how many ms it would have enough; the bucket for
--           which one has to wait longest
-- Cost      a read and at most a write for each bucket
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local salt = redis.call('GET', KEYS[1])
if not salt then
  salt = ARGV[2]
  redis.call('SET', KEYS[1], salt, 'PX', ARGV[3])
end
if salt ~= ARGV[1] then
  return salt
end

-- The server's clock: those of the callers differ.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost = tonumber(ARGV[4])
local full, slowest, longest = {}, 0, 0

for i = 2, #KEYS do
  local rate, burst = tonumber(ARGV[1 + 2 * i]), tonumber(ARGV[2 + 2 * i])
  local whole = burst * 1000000 / rate
  local at = tonumber(redis.call('GET', KEYS[i]) or now)
  -- Not before now; and a clock that was set back leaves no bucket emptier than empty.
  at = math.min(math.max(at, now), now + whole)
  full[i] = at + math.min(cost, burst) * 1000000 / rate
  local wait = full[i] - now - whole
  if wait > longest then
    slowest, longest = i - 1, wait
  end
end

-- µs: less than that is a rounding.
if longest >= 1 then
  return { slowest, math.ceil(longest / 1000) }
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.0f', full[i]), 'PX', math.max(1, math.ceil((full[i] - now) / 1000)))
end
return { 0, 0 }

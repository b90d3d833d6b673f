-- Takes tokens from several buckets: from all of them or from none.
--
-- A bucket is stored as the time at which it will be full again, µs since the epoch (the generic cell rate
-- algorithm, ITU-T I.371). A full bucket is not stored, so buckets of clients that have left disappear.
--
-- KEYS[1]   the day's salt, with which addresses are digested
-- KEYS[2…]  the buckets
-- ARGV[1]   the salt with which the caller made the bucket names
-- ARGV[2]   a new salt, to use when none is stored
-- ARGV[3]   lifetime of a salt, ms
-- ARGV[4]   tokens to take; a bucket with less capacity is emptied instead
-- ARGV[5…]  for each bucket three values: tokens refilled per second, capacity in tokens, tokens to take in advance
--
-- Returns   the stored salt when it differs from ARGV[1]; nothing was taken
--           {0, 0, n, …} when all tokens were taken, and of each bucket n in advance: none of one that is half empty
--           {i, ms} when the i-th bucket has too few tokens, and would have enough in ms; if several have too few,
--           the one with the longest wait
-- Cost      a read and at most one write for each bucket
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

-- The server's clock, as the callers' clocks differ.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost = tonumber(ARGV[4])
local full, whole, slowest, longest = {}, {}, 0, 0

for i = 2, #KEYS do
  local rate, burst = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  whole[i] = burst * 1000000 / rate
  local at = tonumber(redis.call('GET', KEYS[i]) or now)
  -- Clamp: a clock that was set back must not leave a bucket emptier than empty.
  at = math.min(math.max(at, now), now + whole[i])
  full[i] = at + math.min(cost, burst) * 1000000 / rate
  local wait = full[i] - now - whole[i]
  if wait > longest then
    slowest, longest = i - 1, wait
  end
end

-- Less than 1 µs is a rounding error.
if longest >= 1 then
  return { slowest, math.ceil(longest / 1000) }
end
local taken = { 0, 0 }
for i = 2, #KEYS do
  local rate, advance = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i + 1])
  local later = full[i] + advance * 1000000 / rate
  if later - now > whole[i] / 2 then
    advance, later = 0, full[i]
  end
  taken[i + 1] = advance
  redis.call('SET', KEYS[i], string.format('%.0f', later), 'PX', math.max(1, math.ceil((later - now) / 1000)))
end
return taken

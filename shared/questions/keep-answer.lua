-- Makes room for an answer that a site keeps, and notes it.
--
-- KEYS[1]   the site's kept answers: digest:bytes → when it expires, ms
-- KEYS[2]   their bytes together
-- ARGV[1]   the answer's digest
-- ARGV[2]   its bytes
-- ARGV[3]   now, ms
-- ARGV[4]   how long the answer is kept, ms
-- ARGV[5]   the most bytes that the site's answers may have together
-- ARGV[6]   the longest time that any answer is kept, ms: both keys expire that long after the last note
--
-- Returns   the digests of answers that have to go for it; those that expire soonest go first
-- Cost      six calls, and two for each answer that goes: about 1 µs each
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local kept, bytes, now = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local sum = tonumber(redis.call('GET', KEYS[2]) or '0')

local function subtract(member)
  local digest, its_bytes = member:match('^(.*):(%d+)$')
  sum = sum - tonumber(its_bytes)
  return digest
end

-- A thousand at most, which takes less than 1 ms; the next call goes on.
local expired = redis.call('ZRANGEBYSCORE', kept, '-inf', now, 'LIMIT', 0, 1000)
for _, one in ipairs(expired) do
  subtract(one)
end
-- They are the first ones. A last rank far below 0 removes nothing.
redis.call('ZREMRANGEBYRANK', kept, 0, #expired > 0 and #expired - 1 or -2147483648)

local member, ends = ARGV[1] .. ':' .. ARGV[2], now + tonumber(ARGV[4])
if redis.call('ZADD', kept, ends, member) == 0 then
  subtract(member)
end

local gone = {}
while sum + bytes > tonumber(ARGV[5]) do
  local first = redis.call('ZRANGE', kept, 0, 1)
  -- Not the answer itself, which may be the one that expires soonest.
  local one = first[1] == member and first[2] or first[1]
  if not one or one == member then
    -- The two keys disagree: one of them was lost.
    sum = 0
    break
  end
  redis.call('ZREM', kept, one)
  gone[#gone + 1] = subtract(one)
end

redis.call('PEXPIRE', kept, ARGV[6])
redis.call('SET', KEYS[2], string.format('%.0f', sum + bytes), 'PX', ARGV[6])
return gone

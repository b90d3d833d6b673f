-- Reads a page of a site's filled carts with what each is worth, at one moment: a cart that is touched changes its place
-- in the list and, on another day, the hash that has its worth.
--
-- KEYS[1]   sorted set: user → ts of the cart's last change
-- KEYS[2…]  hashes: user → worth, of each day from the first on
-- ARGV[1]   the least ts
-- ARGV[2]   how many carts are left out first
-- ARGV[3]   the most carts that are returned; fewer than 8,000
-- ARGV[4…]  when each of the days begins, ms
--
-- Returns   [user, ts, worth or "", …], the earliest change first
-- Cost      0.5 µs for each cart
--
-- Runs on Redis 6.2 and later, Valkey, Redis Cluster.

local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', ARGV[2], ARGV[3])

local begins = {}
for i = 4, #ARGV do
  begins[i - 3] = tonumber(ARGV[i])
end

-- In the order of their times, so the days follow each other.
local answer, of_day, day = {}, {}, 1

local function read_day()
  if #of_day > 0 then
    for i, worth in ipairs(redis.call('HMGET', KEYS[1 + day], unpack(of_day))) do
      answer[#answer - 3 * (#of_day - i)] = worth or ''
    end
    of_day = {}
  end
end

for i = 1, #found, 2 do
  local ts = tonumber(found[i + 1])
  if begins[day + 1] and ts >= begins[day + 1] then
    read_day()
    while begins[day + 1] and ts >= begins[day + 1] do
      day = day + 1
    end
  end
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3] = found[i], found[i + 1], ''
  of_day[#of_day + 1] = found[i]
end
read_day()

return answer

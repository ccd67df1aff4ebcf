-- One rate limit that several processes share, by the clock of the server.
--
-- The rules are those of src/limiter.rs: a request holds a slot from its start until one window after its
-- end. Without `settle`, it counts as ended after its lease. A waiter that does not ask again in time no
-- longer delays the others. Waiters are served in the order of their tickets.
--
-- KEYS    state, slots, tickets, dues, processes; all in one hash slot
-- ARGV    the action and the id of the request; each action below describes the rest
--
-- All times are milliseconds of this server's clock.

local STATE, SLOTS, TICKETS, DUES, PROCESSES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local call, action, id = redis.call, ARGV[1], ARGV[2]

-- How late a waiter may ask again before others stop waiting for it.
local LATE = 1000
-- The longest cooldown that calls wait for.
local LONGEST_COOLDOWN = 60000
-- How long a process counts after it last asked.
local COUNTED = 60000
-- How long unused keys are kept: twice the longest window.
local KEPT = 172800000

local time = call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local function number(value, default)
  return tonumber(value or '') or default
end

-- Adds a member to a sorted set, and renews the set's expiry.
local function add(set, score, member)
  call('ZADD', set, score, member)
  call('PEXPIRE', set, KEPT)
end

local function leave_queue(waiter)
  call('ZREM', TICKETS, waiter)
  call('ZREM', DUES, waiter)
end

-- settle ID HELD-FOR: the request is over. It holds its slot for HELD-FOR more.
if action == 'settle' then
  add(SLOTS, now + ARGV[3], id)
  return 0
end

-- abandon ID: the request has not started, and will not start.
if action == 'abandon' then
  leave_queue(id)
  call('ZREM', SLOTS, id)
  return 0
end

-- freeze - FOR EPOCH: no request starts for FOR; the later of two ends counts. The epoch counts freezes. The 429
-- of a request that was granted in an earlier epoch lengthens a freeze, but does not count as another one.
if action == 'freeze' then
  local known = call('HMGET', STATE, 'frozen', 'epoch')
  local epoch = number(known[2], 0)
  if number(ARGV[4], 0) >= epoch then epoch = epoch + 1 end
  call('HSET', STATE, 'frozen', math.max(number(known[1], 0), now + ARGV[3]), 'epoch', epoch)
  call('PEXPIRE', STATE, KEPT)
  return epoch
end

-- acquire ID PROCESS REQUESTS WINDOW LEASE TICKET AHEAD LATEST: a slot, or when to ask again. TICKET is
-- the one from the last answer, or 0. If it is 0, AHEAD waiters of the same process are ahead, and LATEST
-- is the ticket of the last of them. Returns { 1, epoch, processes } (start), { 0, ask in, start in, is
-- cooldown, ticket, processes } (wait), or { 2, cooldown for } (refused).
local process, requests, window = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local lease, ticket = tonumber(ARGV[6]), tonumber(ARGV[7])

local known = call('HMGET', STATE, 'frozen', 'epoch', 'opens', 'served', 'server', 'granted')
local frozen, epoch, opens = number(known[1], 0), number(known[2], 0), number(known[3], 0)
-- The ticket of the waiter that was served last.
local served = number(known[4], 0)

-- A new server (a promoted replica, or this one after a restart) may not know every slot that was granted.
-- So it starts with a pause of one window. The same holds if the clock went back.
local info = redis.pcall('INFO', 'server')
info = type(info) == 'string' and info or ''
local server = string.match(info, 'run_id:(%w+)') or ''
if server ~= known[5] or now < number(known[6], 0) - LATE then
  -- The uptime is in whole seconds, and may be almost one second too high. Without INFO, the server counts as old.
  local uptime = number(string.match(info, 'uptime_in_seconds:(%d+)'), math.huge)
  local up = math.max(0, uptime - 1) * 1000
  if known[5] then
    up = 0
    -- The old times may be by another clock. Without an old state, this server has written all slots.
    if frozen > now + LONGEST_COOLDOWN then frozen = 0 end
    call('ZREMRANGEBYSCORE', SLOTS, now + lease + window, '+inf')
  end
  call('DEL', TICKETS, DUES)
  opens = now + math.max(0, window - up)
  -- Later than any earlier ticket, so that existing waiters come first. If the clock went back, they have
  -- tickets by the old clock.
  served = math.max(served, math.floor(now))
  call('HSET', STATE, 'frozen', frozen, 'opens', opens, 'served', served, 'server', server, 'granted', now)
end
call('PEXPIRE', STATE, KEPT)

if frozen - now > LONGEST_COOLDOWN then
  leave_queue(id)
  return { 2, math.ceil(frozen - now) }
end

add(PROCESSES, now, process)
local processes = call('ZCARD', PROCESSES)
if processes > 1 then
  processes = processes - call('ZREMRANGEBYSCORE', PROCESSES, '-inf', now - COUNTED)
end

call('ZREMRANGEBYSCORE', SLOTS, '-inf', now)
-- If a request that has a slot asks again, its grant was not used. It gets the same slot.
local has_slot = call('ZSCORE', SLOTS, id)
local held = call('ZCARD', SLOTS) - (has_slot and 1 or 0)
local free = math.max(0, requests - held)
opens = math.max(opens, frozen, now)

-- Others that did not ask again in time leave the queue.
for _, waiter in ipairs(call('ZRANGEBYSCORE', DUES, '-inf', now)) do
  if waiter ~= id then leave_queue(waiter) end
end

-- The request needs no ticket if a slot is free, and nobody waits or the slot is its own.
local index = 0 -- in the queue
local must_wait = free == 0 or opens > now
if must_wait or (not has_slot and call('EXISTS', TICKETS) == 1) then
  if ticket == 0 then
    -- Processes take turns, however many requests each of them makes.
    ticket = math.max(served + 1 + ARGV[8], ARGV[9] + 1)
  end
  add(TICKETS, ticket, id)
  index = call('ZRANK', TICKETS, id)
end

if not must_wait and index < free then
  if ticket > 0 then leave_queue(id) end
  add(SLOTS, now + lease + window, id)
  call('HSET', STATE, 'granted', now, 'served', math.max(served, ticket))
  return { 1, epoch, processes }
end

-- When the waiter at this index can start at the earliest, if all ahead of it start as soon as they can.
-- A request under way ends now at the earliest.
local function free_at(index)
  local behind = index - free
  if behind < 0 then return opens end
  local slot = behind % requests + math.max(0, held - requests)
  local end_of_window = call('ZRANGE', SLOTS, slot, slot, 'WITHSCORES')[2]
  local soonest = math.min(number(end_of_window, now + window), now + window)
  return math.max(soonest, opens) + window * math.floor(behind / requests)
end

-- In the last round, ask when the slot comes free. In earlier rounds waiters ahead may leave: ask when half
-- of them have started, and at least every two rounds.
local start = free_at(index)
local ahead = math.max(0, index - free)
local ask = start
if ahead >= requests then
  ask = free_at(free + math.min(math.floor(ahead / 2), 2 * requests))
end
-- Waiters ahead that have a free slot either take it soon, or lapse.
if free > 0 and opens <= now then ask = math.min(ask, now + LATE) end
ask = math.max(math.min(ask, start), now + 1)
add(DUES, ask + LATE, id)
local reason = frozen > now and 1 or 0
return { 0, math.ceil(ask - now), math.ceil(start - now), reason, ticket, processes }

namespace Ecom.Features.Online;

/// <summary>The one script that changes a stored state.</summary>
internal static class ApplyScript
{
    /// <summary>
    /// KEYS: state, applied ids. ARGV: message id, now (ms), how long ids are kept (ms), time to live (ms),
    /// length and retention (ms) of the tiles of each level (m, h, d), member cap, then three groups of a count and
    /// that many pairs: fields to add to, fields where the greater text stays, fields where the greater number stays.
    /// Answers 1 if the message was new, 0 if it was applied before.
    /// </summary>
    /// <remarks>
    /// Sums never become Lua numbers: HINCRBY is exact in 64 bits. Texts are compared byte by byte, because Lua's own
    /// comparison depends on the locale. Unreachable fields are dropped when the hash has doubled since the last
    /// time, which costs a constant per added field; what is left over meanwhile is dropped by the reader.
    /// </remarks>
    public const string Lua = """
        if redis.call('ZADD', KEYS[2], 'NX', ARGV[2], ARGV[1]) == 0 then return 0 end
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', ARGV[2] - ARGV[3]))

        local function less(a, b)
          local n = math.min(#a, #b)
          for i = 1, n do
            local x, y = string.byte(a, i), string.byte(b, i)
            if x ~= y then return x < y end
          end
          return #a < #b
        end

        local at = 12
        local function pairsOf(change)
          local count = tonumber(ARGV[at])
          for i = at + 1, at + 2 * count, 2 do change(ARGV[i], ARGV[i + 1]) end
          at = at + 1 + 2 * count
        end
        pairsOf(function(field, value) redis.call('HINCRBY', KEYS[1], field, value) end)
        pairsOf(function(field, value)
          local held = redis.call('HGET', KEYS[1], field)
          if not held or less(held, value) then redis.call('HSET', KEYS[1], field, value) end
        end)
        pairsOf(function(field, value)
          local held = redis.call('HGET', KEYS[1], field)
          if not held or tonumber(held) < tonumber(value) then redis.call('HSET', KEYS[1], field, value) end
        end)

        local size = redis.call('HLEN', KEYS[1])
        local pruned = tonumber(redis.call('HGET', KEYS[1], '~size') or '0')
        if size > 2 * pruned + 64 then
          local newest = tonumber(redis.call('HGET', KEYS[1], '~newest'))
          local oldest = {
            m = math.floor((newest - ARGV[6]) / ARGV[5]),
            h = math.floor((newest - ARGV[8]) / ARGV[7]),
            d = math.floor((newest - ARGV[10]) / ARGV[9]) }
          local cap, members, fields = tonumber(ARGV[11]), {}, redis.call('HGETALL', KEYS[1])
          for i = 1, #fields, 2 do
            local field = fields[i]
            local name, part, rest = string.match(field, '^([^:~]+):(%l):(.*)$')
            if part == 'm' then
              local seen = tonumber(fields[i + 1])
              if seen < newest - ARGV[10] then
                redis.call('HDEL', KEYS[1], field)
              else
                members[name] = members[name] or {}
                table.insert(members[name], { seen, field })
              end
            elseif part then
              local level, index = string.match(rest, '^(%l)(%-?%d+)$')
              if level and tonumber(index) < oldest[level] then redis.call('HDEL', KEYS[1], field) end
            end
          end
          for _, list in pairs(members) do
            if #list > cap then
              table.sort(list, function(a, b) return a[1] > b[1] end)
              local limit = list[cap][1]
              for i = cap + 1, #list do
                if list[i][1] < limit then redis.call('HDEL', KEYS[1], list[i][2]) end
              end
            end
          end
          redis.call('HSET', KEYS[1], '~size', redis.call('HLEN', KEYS[1]))
        end

        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        redis.call('PEXPIRE', KEYS[2], ARGV[4])
        return 1
        """;
}

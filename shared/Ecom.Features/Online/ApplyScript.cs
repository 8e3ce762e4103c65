using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ecom.Features.Online;

/// <summary>The one script that changes a stored state of a kind.</summary>
/// <remarks>
/// <para>
/// KEYS: state, applied ids. ARGV: count of message ids and the ids, now (ms), then three groups of a count and that
/// many pairs: fields to add to, fields where the greater text stays, fields where the greater number stays. Answers 1
/// if all messages were new; 0, changing nothing, if any was applied before.
/// </para>
/// <para>
/// Sums never become Lua numbers: HINCRBY is exact in 64 bits. Texts are compared byte by byte, because Lua's own
/// comparison depends on the locale. Unreachable fields are dropped when the hash has doubled since the last time,
/// which costs a constant per added field; what is left over meanwhile is dropped by the reader. Expiry is renewed, and
/// old ids are dropped, once a day. Fields are read and written a thousand at a time, since Lua unpacks some thousand
/// values at most.
/// </para>
/// </remarks>
internal sealed class ApplyScript
{
    private const string Lua = """
        local ids = tonumber(ARGV[1])
        local at = ids + 2
        local now = ARGV[ids + 2]
        if ids == 1 then
          if redis.call('ZADD', KEYS[2], 'NX', now, ARGV[2]) == 0 then return 0 end
        else
          local scored = {}
          for i, score in ipairs(redis.call('ZMSCORE', KEYS[2], unpack(ARGV, 2, ids + 1))) do
            if score then return 0 end
            scored[2 * i - 1], scored[2 * i] = now, ARGV[i + 1]
          end
          redis.call('ZADD', KEYS[2], unpack(scored))
        end

        local adds = tonumber(ARGV[at + 1])
        for i = at + 2, at + 2 * adds, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
        at = at + 1 + 2 * adds

        local function less(a, b)
          local n = math.min(#a, #b)
          for i = 1, n do
            local x, y = string.byte(a, i), string.byte(b, i)
            if x ~= y then return x < y end
          end
          return #a < #b
        end

        local texts = tonumber(ARGV[at + 1])
        local numbers = tonumber(ARGV[at + 2 + 2 * texts])
        local fields, values = { '~size' }, { false }
        for i = at + 2, at + 2 * texts, 2 do
          fields[#fields + 1], values[#values + 1] = ARGV[i], ARGV[i + 1]
        end
        at = at + 2 + 2 * texts
        for i = at + 1, at + 2 * numbers, 2 do
          fields[#fields + 1], values[#values + 1] = ARGV[i], ARGV[i + 1]
        end
        local pruned = 0
        for first = 1, #fields, 1000 do
          local last = math.min(first + 999, #fields)
          local raised = {}
          for i, old in ipairs(redis.call('HMGET', KEYS[1], unpack(fields, first, last))) do
            local at = first + i - 1
            local new = values[at]
            if at == 1 then
              pruned = tonumber(old or '0')
            elseif not old or (at > texts + 1 and tonumber(old) < tonumber(new))
              or (at <= texts + 1 and less(old, new)) then
              raised[#raised + 1], raised[#raised + 2] = fields[at], new
            end
          end
          if #raised > 0 then redis.call('HSET', KEYS[1], unpack(raised)) end
        end

        local size = redis.call('HLEN', KEYS[1])
        if size > 2 * pruned + 64 then
          local newest = tonumber(redis.call('HGET', KEYS[1], '~newest'))
          local oldest = {}
          for name, parts in string.gmatch(spec, '([^ ;]+)([^;]*);') do
            oldest[name] = {}
            for level, length, retention in string.gmatch(parts, ' (%l)(%d+):(%d+)') do
              oldest[name][level] = math.floor((newest - retention) / length)
            end
          end
          local members, fields = {}, redis.call('HGETALL', KEYS[1])
          for i = 1, #fields, 2 do
            local field = fields[i]
            local name, part, rest = string.match(field, '^([^:~]+):(%l):(.*)$')
            if not oldest[name] then
              -- A link, the newest event, or of a definition that the set does not know.
            elseif part == 'm' then
              local seen = tonumber(fields[i + 1])
              if seen < oldest[name].s then
                redis.call('HDEL', KEYS[1], field)
              else
                members[name] = members[name] or {}
                table.insert(members[name], { seen, field })
              end
            elseif part then
              local level, index = string.match(rest, '^(%l)(%-?%d+)$')
              local first = level and oldest[name][level]
              if first and tonumber(index) < first then redis.call('HDEL', KEYS[1], field) end
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

        if redis.call('PTTL', KEYS[1]) < lifetime - 86400000 then
          redis.call('PEXPIRE', KEYS[1], lifetime)
          redis.call('PEXPIRE', KEYS[2], lifetime)
          redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', now - kept))
        end
        return 1
        """;

    /// <summary>Makes the script of a kind: what its definitions say stands in it.</summary>
    /// <param name="retention">How long fields are kept, by definition: <see cref="Retention.Encode"/>.</param>
    /// <param name="lifetime">Time to live of both keys.</param>
    /// <param name="kept">How long ids are kept.</param>
    /// <param name="cap">Most members of a distinct count.</param>
    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by their SHA-1.")]
    public ApplyScript(string retention, TimeSpan lifetime, TimeSpan kept, int cap)
    {
        Text = string.Create(CultureInfo.InvariantCulture, $"""
            local spec = '{retention}'
            local lifetime, kept, cap = {(long)lifetime.TotalMilliseconds}, {(long)kept.TotalMilliseconds}, {cap}
            {Lua}
            """);
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
    }

    /// <summary>The script.</summary>
    public string Text { get; }

    /// <summary>What Redis knows it by once it was sent.</summary>
    public byte[] Hash { get; }
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom errors</c></summary>
internal static class ErrorsCommand
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };
    private static readonly Option<string?> _service = new("--service") { Description = "Only of this service." };
    private static readonly Option<string?> _queue = new("--queue") { Description = "Only of this consumer's queue." };
    private static readonly Option<string?> _type = new("--type")
    {
        Description = "Only messages of this name, full or its last part: OrderPlaced.",
    };

    private static readonly Option<bool> _json = new("--json") { Description = "Prints JSON." };

    public static Command Create() =>
        new("errors", "Messages that a service could not handle: list, show, replay, discard.")
        {
            List(), Show(), Replay(), Discard(),
        };

    private static Command List()
    {
        var state = new Option<string>("--state")
        {
            Description = "parked (default), replayed, discarded or all.",
            DefaultValueFactory = _ => "parked",
        };
        state.AcceptOnlyFromAmong("parked", "replayed", "discarded", "all");
        var limit = new Option<int>("--limit")
        {
            Description = "Most messages of each service, 1 to 500. Default 20.",
            DefaultValueFactory = _ => 20,
        };
        var command = new Command("list", "Failed messages, newest first. Returns 1 if a service does not answer.")
        {
            _service, _queue, _type, state, limit, _json,
        };
        command.SetAction((parsed, cancellation) => ListAsync(
            Filter(parsed), parsed.GetValue(state)!, parsed.GetValue(limit), parsed.GetValue(_json), cancellation));
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<Guid>("id") { Description = "Id from the list." };
        var command = new Command("show", "One failed message: fault, stack, headers, body.") { id, _service, _json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = Client();
            var (service, detail) = await FindAsync(
                new FailedMessages(client), parsed.GetValue(id), Filter(parsed), cancellation);
            if (parsed.GetValue(_json))
            {
                Terminal.Write(detail.ToJsonString(_indented));
            }
            else
            {
                ErrorsDisplay.Show(service, detail);
            }

            return 0;
        });
        return command;
    }

    private static Command Replay()
    {
        var ids = Ids();
        var all = new Option<bool>("--all") { Description = "Everything that is parked." };
        var command = new Command("replay", "Gives messages back to their queues; doing so twice has one effect.")
        {
            ids, all, _service, _queue, _type, _json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(ids) is null && result.GetResult(all) is null && !IsNarrowed(result))
            {
                result.AddError("Name ids, or --service, --queue or --type, or --all.");
            }
        });
        command.SetAction((parsed, cancellation) => HandleAsync(
            parsed,
            parsed.GetValue(ids) ?? [],
            "replayed",
            (failed, service, id) => failed.ReplayAsync(service, id, cancellation),
            (failed, service) => failed.ReplayAsync(service, Filter(parsed), cancellation),
            cancellation));
        return command;
    }

    private static Command Discard()
    {
        var ids = Ids();
        var reason = new Option<string>("--reason")
        {
            Description = "Why they may be given up; kept with them.",
            Required = true,
        };
        var command = new Command("discard", "Gives up parked messages: they will never have an effect.")
        {
            ids, reason, _service, _queue, _type, _json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(ids) is null && result.GetResult(_queue) is null && result.GetResult(_type) is null)
            {
                result.AddError("Name ids, or --queue or --type.");
            }
        });
        command.SetAction((parsed, cancellation) => HandleAsync(
            parsed,
            parsed.GetValue(ids) ?? [],
            "discarded",
            (failed, service, id) => failed.DiscardAsync(service, id, parsed.GetValue(reason)!, cancellation),
            (failed, service) =>
                failed.DiscardAsync(service, Filter(parsed), parsed.GetValue(reason)!, cancellation),
            cancellation));
        return command;
    }

    private static async Task<int> ListAsync(
        FailedFilter filter, string state, int limit, bool json, CancellationToken cancellation)
    {
        using var client = Client();
        var failed = new FailedMessages(client);
        var pages = new Dictionary<string, JsonNode>();
        var silent = new Dictionary<string, string>();
        foreach (var service in FailedMessages.ServicesOf(filter))
        {
            try
            {
                pages[service] = await failed.ListAsync(service, filter, state, limit, cancellation);
            }
            catch (SetupException refusal)
            {
                // What the others have is worth seeing, the more so when one is down.
                silent[service] = refusal.Message;
            }
        }

        if (json)
        {
            Terminal.Write(JsonSerializer.Serialize(new { services = pages, unanswered = silent }, _indented));
        }
        else
        {
            ErrorsDisplay.List(pages, silent, state);
        }

        return silent.Count == 0 ? 0 : 1;
    }

    private static async Task<int> HandleAsync(
        ParseResult parsed,
        Guid[] ids,
        string done,
        Func<FailedMessages, string, Guid, Task> one,
        Func<FailedMessages, string, Task<long>> many,
        CancellationToken cancellation)
    {
        using var client = Client();
        var failed = new FailedMessages(client);
        var counts = new Dictionary<string, long>();
        foreach (var id in ids)
        {
            var (service, _) = await FindAsync(failed, id, Filter(parsed), cancellation);
            await one(failed, service, id);
            counts[service] = counts.GetValueOrDefault(service) + 1;
        }

        foreach (var service in ids.Length > 0 ? [] : FailedMessages.ServicesOf(Filter(parsed)))
        {
            counts[service] = await many(failed, service);
        }

        if (parsed.GetValue(_json))
        {
            Terminal.Write(JsonSerializer.Serialize(counts, _indented));
        }
        else
        {
            ErrorsDisplay.Handled(counts, done);
        }

        return 0;
    }

    private static async Task<(string Service, JsonNode Detail)> FindAsync(
        FailedMessages failed, Guid id, FailedFilter filter, CancellationToken cancellation) =>
        await failed.FindAsync(id, filter, cancellation)
        ?? throw new SetupException($"No service has a failed message {id}. ./ecom errors list shows them.");

    private static FailedFilter Filter(ParseResult parsed) => new(
        parsed.GetValue(_service), ValueOf(parsed, _queue), ValueOf(parsed, _type));

    // Not every one of the commands has every option.
    private static string? ValueOf(ParseResult parsed, Option<string?> option) =>
        parsed.GetResult(option) is null ? null : parsed.GetValue(option);

    private static bool IsNarrowed(System.CommandLine.Parsing.CommandResult result) =>
        result.GetResult(_service) is not null
        || result.GetResult(_queue) is not null
        || result.GetResult(_type) is not null;

    private static Argument<Guid[]> Ids() => new("id")
    {
        Description = "Ids from the list; without them what the options say.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static SystemClient Client() => new(new InstanceDirectory(Repository.MainInstance));
}

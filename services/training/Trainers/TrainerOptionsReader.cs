using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ecom.Training.Trainers;

/// <summary>Options that a trainer cannot take.</summary>
internal sealed class TrainerOptionsException(IDictionary<string, string[]> errors)
    : Exception(string.Join(' ', errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}")))
{
    /// <summary>What is wrong, by option.</summary>
    public IDictionary<string, string[]> Errors { get; } = errors;
}

/// <summary>Turns JSON into a trainer's options; a misspelt option is an error, not a default.</summary>
internal static class TrainerOptionsReader
{
    private static readonly JsonSerializerOptions _strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static T Read<T>(JsonElement? given)
        where T : TrainerOptions, new()
    {
        if (given is not { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } json)
        {
            return new T();
        }

        T options;
        try
        {
            options = json.Deserialize<T>(_strict) ?? new T();
        }
        catch (JsonException error)
        {
            var field = error.Path is { Length: > 2 } path ? path[2..] : "options";
            throw new TrainerOptionsException(new Dictionary<string, string[]> { [field] = [error.Message] });
        }

        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
        {
            throw new TrainerOptionsException(results
                .GroupBy(result => result.MemberNames.FirstOrDefault() ?? "options")
                .ToDictionary(
                    group => JsonNamingPolicy.CamelCase.ConvertName(group.Key),
                    group => group.Select(result => result.ErrorMessage ?? "Not valid.").ToArray()));
        }

        return options;
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ecom.Training.Runs;

namespace Ecom.Training.Data;

/// <summary>Reads data sets from the feature store, as a stream of JSON lines.</summary>
/// <param name="http">Has the feature store's address and this service's key.</param>
internal sealed class FeatureStore(HttpClient http)
{
    private const int Attempts = 3;

    /// <summary>Every row behind a path.</summary>
    /// <param name="path">Relative to the feature store's address.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">The feature store is away, refuses, or sends what is no row.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        string path, [EnumeratorCancellation] CancellationToken cancellation)
        where T : class
    {
        using var response = await OpenAsync(path, cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var rows = JsonSerializer.DeserializeAsyncEnumerable<T>(
            stream, topLevelValues: true, JsonSerializerOptions.Web, cancellation);
        await using var row = rows.GetAsyncEnumerator(cancellation);
        for (long count = 0; await MoveAsync(row, path, count); count++)
        {
            yield return row.Current
                ?? throw new TrainingException($"Row {count + 1} of {path} is empty. Look at the feature store.");
        }
    }

    /// <summary>Counts the rows behind a path.</summary>
    /// <param name="path">Relative to the feature store's address.</param>
    /// <param name="most">Counting ends here.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">The feature store is away, or refuses.</exception>
    public async Task<int> CountAsync(string path, int most, CancellationToken cancellation)
    {
        using var response = await OpenAsync(path, cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var count = 0;
        while (count < most && await lines.ReadLineAsync(cancellation) is { } line)
        {
            count += line.Length > 0 ? 1 : 0;
        }

        return count;
    }

    private static async Task<bool> MoveAsync<T>(IAsyncEnumerator<T> row, string path, long count)
    {
        try
        {
            return await row.MoveNextAsync();
        }
        catch (JsonException error)
        {
            throw new TrainingException(
                $"Row {count + 1} of {path} cannot be read: {error.Message} Look at the feature store.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new TrainingException(
                $"The feature store broke off after {count} rows of {path}: {error.Message} Start the run again.",
                error);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Checked(path, await http.GetAsync(
                    path, HttpCompletionOption.ResponseHeadersRead, cancellation));
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250 * attempt), TimeProvider.System, cancellation);
            }
            catch (HttpRequestException error)
            {
                throw new TrainingException(
                    $"The feature store cannot be reached at {http.BaseAddress}: {error.Message} "
                    + "See that it runs (./ecom status), then start the run again.",
                    error);
            }
        }
    }

    private static HttpResponseMessage Checked(string path, HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new TrainingException(response.StatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    $"The feature store refused this service's key for {path}: give Keys:Own the scope it needs.",
                var status => $"The feature store answered {(int)status} for {path}. Look at its log, then start the "
                    + "run again.",
            });
        }
    }
}

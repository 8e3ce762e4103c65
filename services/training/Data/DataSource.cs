using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ecom.Training.Runs;

namespace Ecom.Training.Data;

/// <summary>Reads a feed of another service, as a stream of JSON lines.</summary>
/// <param name="http">Has that service's address and this service's key.</param>
/// <param name="feed">What is read.</param>
internal sealed class DataSource(HttpClient http, DataFeed feed)
{
    private const int Attempts = 3;

    /// <summary>Every line.</summary>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">The service is away, refuses, or sends what is no row.</exception>
    public async IAsyncEnumerable<T> ReadAsync<T>([EnumeratorCancellation] CancellationToken cancellation)
        where T : class
    {
        using var response = await OpenAsync(feed.Path, cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var rows = JsonSerializer.DeserializeAsyncEnumerable<T>(
            stream, topLevelValues: true, JsonSerializerOptions.Web, cancellation);
        await using var row = rows.GetAsyncEnumerator(cancellation);
        for (long count = 0; await MoveAsync(row, count); count++)
        {
            yield return row.Current ?? throw new TrainingException(
                $"Row {count + 1} of {feed.Path} is empty. Look at the {feed.ServiceTitle}.");
        }
    }

    /// <summary>Counts the rows from an instant on.</summary>
    /// <param name="from">The instant.</param>
    /// <param name="most">Counting ends here.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="TrainingException">The service is away, or refuses.</exception>
    public async Task<int> CountAsync(DateTimeOffset from, int most, CancellationToken cancellation)
    {
        var first = Uri.EscapeDataString(from.ToString("O", CultureInfo.InvariantCulture));
        using var response = await OpenAsync($"{feed.Path}?{feed.From}={first}", cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var count = -feed.HeadLines;
        while (count < most && await lines.ReadLineAsync(cancellation) is { } line)
        {
            count += line.Length > 0 ? 1 : 0;
        }

        return count;
    }

    private async Task<bool> MoveAsync<T>(IAsyncEnumerator<T> row, long count)
    {
        try
        {
            return await row.MoveNextAsync();
        }
        catch (JsonException error)
        {
            throw new TrainingException(
                $"Row {count + 1} of {feed.Path} cannot be read: {error.Message} Look at the {feed.ServiceTitle}.",
                error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new TrainingException(
                $"The {feed.ServiceTitle} broke off after {count} rows of {feed.Path}: {error.Message} Start the run "
                + "again.",
                error);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Checked(await http.GetAsync(
                    path, HttpCompletionOption.ResponseHeadersRead, cancellation));
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250 * attempt), TimeProvider.System, cancellation);
            }
            catch (HttpRequestException error)
            {
                throw new TrainingException(
                    $"The {feed.ServiceTitle} cannot be reached at {http.BaseAddress}: {error.Message} "
                    + "See that it runs (./ecom status), then start the run again.",
                    error);
            }
        }
    }

    private HttpResponseMessage Checked(HttpResponseMessage response)
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
                    $"The {feed.ServiceTitle} refused this service's key for {feed.Path}: give Keys:Own the scope it "
                    + "needs.",
                var status => $"The {feed.ServiceTitle} answered {(int)status} for {feed.Path}. Look at its log, then "
                    + "start the run again.",
            });
        }
    }
}

using System.Net;
using Ecom.Fraud.Storage;

namespace Ecom.Fraud.Scoring;

/// <summary>Asks training which versions there are.</summary>
internal sealed class TrainingModels(HttpClient training)
{
    /// <returns>Null if the newest version is champion, or there is none.</returns>
    public async Task<StoredModel?> FindChallengerAsync(CancellationToken cancellation)
    {
        using var answer = await training.GetAsync($"v1/models/{CurrentModels.Name}/challenger", cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<StoredModel>(cancellation);
    }
}

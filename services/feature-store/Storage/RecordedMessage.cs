using Ecom.Features;

namespace Ecom.FeatureStore.Storage;

/// <summary>The engine events of one bus message.</summary>
/// <param name="MessageId">Its id: what Redis tells redeliveries by.</param>
/// <param name="Events">Its events.</param>
internal sealed record RecordedMessage(Guid MessageId, IReadOnlyList<ShopEvent> Events);

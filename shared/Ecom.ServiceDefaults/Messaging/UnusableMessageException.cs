namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// The message can never be processed, however often it is tried: it goes to the error queue at once.
/// </summary>
public sealed class UnusableMessageException(string message) : Exception(message);

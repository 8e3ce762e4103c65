using Ecom.Contracts;
using Ecom.Contracts.Payments;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Tables;

namespace Ecom.Fraud.Endpoints;

/// <summary>
/// A payment to be judged. Card, address and e-mail come in clear, and are hashed at once, or as ingestion's hashes.
/// </summary>
internal sealed record AssessRequest
{
    private const int LongestId = 100;
    private const int LongestText = 500;

    // As ingestion's: beyond this an amount is a mistake.
    private const long LargestAmount = 10_000_000_000_000;

    /// <summary>The shop's payment id, 1–100 characters; required. The same id gets the same decision.</summary>
    public string? PaymentId { get; init; }

    public string? OrderId { get; init; }

    public string? CustomerId { get; init; }

    public string? AnonymousId { get; init; }

    /// <summary>Minor units of <see cref="Currency"/>, above 0; required.</summary>
    public long? Amount { get; init; }

    /// <summary>ISO 4217 code; required.</summary>
    public string? Currency { get; init; }

    /// <summary>The amount in the shop's base currency; required if <see cref="Currency"/> is another.</summary>
    public long? BaseAmount { get; init; }

    public string? CardHash { get; init; }

    /// <summary>The processor's name for the card.</summary>
    public string? CardFingerprint { get; init; }

    public string? CardScheme { get; init; }

    public string? CardCountry { get; init; }

    public string? Ip { get; init; }

    public string? IpHash { get; init; }

    public string? IpNetworkHash { get; init; }

    public string? IpCountry { get; init; }

    public string? DeviceId { get; init; }

    public string? SessionId { get; init; }

    /// <summary>At most 500 characters.</summary>
    public string? Email { get; init; }

    public string? EmailHash { get; init; }

    public string? BillingCountry { get; init; }

    public string? ShippingCountry { get; init; }

    /// <summary>The address as one text of at most 500 characters; letters and digits count.</summary>
    public string? BillingAddress { get; init; }

    public string? BillingAddressHash { get; init; }

    /// <summary>The address as one text of at most 500 characters; letters and digits count.</summary>
    public string? ShippingAddress { get; init; }

    public string? ShippingAddressHash { get; init; }

    /// <summary>Merchant or card terminal.</summary>
    public string? TerminalId { get; init; }

    /// <summary>Whether the processor took it; null if it was not asked yet.</summary>
    public bool? Succeeded { get; init; }

    /// <summary>When; now by default, at most five minutes ahead.</summary>
    public DateTimeOffset? AttemptedAt { get; init; }

    /// <summary>What is wrong, by field; empty if nothing.</summary>
    public Dictionary<string, string[]> Problems(string baseCurrency, PersonalData personal, DateTimeOffset now)
    {
        var problems = new Dictionary<string, string[]>();
        Check("paymentId", !string.IsNullOrEmpty(PaymentId), "Required.");
        CheckLengths(problems);
        Check("amount", Amount is > 0 and <= LargestAmount, "Required: minor units of the currency, above 0.");
        Check(
            "currency",
            Currency is not null && Currencies.MinorDigits(Currency) is not null,
            "Required: an ISO 4217 code in use, upper case.");
        Check("baseAmount", BaseAmount is null or (> 0 and <= LargestAmount), "Must be above 0.");
        Check(
            "baseAmount",
            BaseAmount is not null || Currency == baseCurrency,
            $"Required unless the currency is {baseCurrency}: rates are ingestion's.");
        CheckCountry("cardCountry", CardCountry);
        CheckCountry("ipCountry", IpCountry);
        CheckCountry("billingCountry", BillingCountry);
        CheckCountry("shippingCountry", ShippingCountry);
        CheckHash("cardHash", CardHash);
        CheckHash("ipHash", IpHash);
        CheckHash("ipNetworkHash", IpNetworkHash);
        CheckHash("emailHash", EmailHash);
        CheckHash("billingAddressHash", BillingAddressHash);
        CheckHash("shippingAddressHash", ShippingAddressHash);
        Check("ip", Ip is null || personal.Ip(Ip) is not null, "Not an IP address.");
        Check(
            "email",
            Email is null || (personal.Email(Email) is not null && !Email.Any(char.IsControl)),
            "Not an e-mail address.");
        Check(
            "attemptedAt",
            AttemptedAt is not { } at || (at <= now.AddMinutes(5) && at.Year >= 1990),
            "Must be after 1990 and not in the future.");
        return problems;

        void Check(string field, bool isRight, string problem)
        {
            if (!isRight)
            {
                problems.TryAdd(field, [problem]);
            }
        }

        void CheckCountry(string field, string? country) =>
            Check(field, country is null || IsCountry(country), "Must be an ISO 3166 two-letter code, upper case.");

        void CheckHash(string field, string? hash) => Check(
            field,
            hash is null || (hash.Length == 32 && hash.All(char.IsAsciiHexDigitLower)),
            "Must be ingestion's keyed hash: 32 lower-case hexadecimal digits.");
    }

    /// <summary>The payment as the bus would bring it. Ask for <see cref="Problems"/> first.</summary>
    public PaymentAttempted ToPayment(string baseCurrency, PersonalData personal, DateTimeOffset now)
    {
        var ip = personal.Ip(Ip);
        var email = personal.Email(Email);
        var card = CardHash ?? personal.Opaque(PersonalKind.CardFingerprint, CardFingerprint)?.Hash;
        return new PaymentAttempted
        {
            EventId = Guid.Empty,
            PaymentId = PaymentId!,
            OrderId = OrderId,
            CustomerId = CustomerId,
            AnonymousId = AnonymousId,
            Amount = new Money
            {
                Amount = Amount!.Value,
                Currency = Currency!,
                BaseAmount = BaseAmount ?? Amount.Value,
                BaseCurrency = baseCurrency,
            },
            CardHash = card,
            CardScheme = CardScheme,
            CardCountry = CardCountry,
            EmailDomain = email?.Derived,
            EmailHash = EmailHash ?? email?.Hash,
            BillingCountry = BillingCountry,
            ShippingCountry = ShippingCountry,
            BillingAddressHash = BillingAddressHash ?? personal.Address(BillingAddress)?.Hash,
            ShippingAddressHash = ShippingAddressHash ?? personal.Address(ShippingAddress)?.Hash,
            TerminalId = TerminalId,
            Succeeded = Succeeded,
            Source = new Source
            {
                SessionId = SessionId,
                DeviceId = DeviceId,
                IpHash = IpHash ?? ip?.Hash,
                IpNetworkHash = IpNetworkHash ?? ip?.Derived,
                IpCountry = IpCountry,
            },
            AttemptedAt = (AttemptedAt ?? now).ToUniversalTime(),
            ReceivedAt = now,
            PartitionKey = CustomerId ?? card ?? PaymentId!,
        };
    }

    private static bool IsCountry(string text) => text.Length == 2 && text.All(char.IsAsciiLetterUpper);

    private void CheckLengths(Dictionary<string, string[]> problems)
    {
        (string Field, string? Id)[] ids =
        [
            ("paymentId", PaymentId), ("orderId", OrderId), ("customerId", CustomerId), ("anonymousId", AnonymousId),
            ("deviceId", DeviceId), ("sessionId", SessionId), ("cardFingerprint", CardFingerprint),
            ("cardScheme", CardScheme), ("terminalId", TerminalId),
        ];
        foreach (var (field, _) in ids.Where(
            one => one.Id is { } id && (id.Length is 0 or > LongestId || id.Any(char.IsControl))))
        {
            problems.TryAdd(field, [$"Must have 1 to {LongestId} characters, and no control characters."]);
        }

        (string Field, string? Text)[] texts =
        [
            ("email", Email), ("billingAddress", BillingAddress), ("shippingAddress", ShippingAddress),
        ];
        foreach (var (field, _) in texts.Where(one => one.Text?.Length > LongestText))
        {
            problems.TryAdd(field, [$"At most {LongestText} characters."]);
        }
    }
}

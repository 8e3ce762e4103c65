using System.Buffers;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// The message of many interactions from the JSON of each, which the raw log needs anyway: written once, not twice.
/// </summary>
internal static class InteractionsJson
{
    /// <summary>The JSON of an InteractionsRecorded.</summary>
    /// <param name="interactions">The JSON of each interaction, in order.</param>
    public static byte[] Write(IEnumerable<byte[]> interactions)
    {
        var json = new ArrayBufferWriter<byte>(64 * 1024);
        json.Write("{\"interactions\":["u8);
        var isFirst = true;
        foreach (var interaction in interactions)
        {
            json.Write(isFirst ? [] : ","u8);
            json.Write(interaction);
            isFirst = false;
        }

        json.Write("]}"u8);
        return json.WrittenSpan.ToArray();
    }
}

using System.Globalization;
using System.Text;
using Ecom.Cli.Evaluate.Fraud;

namespace Ecom.UnitTests.Cli.Evaluate.Fraud;

/// <summary>
/// A small world of payments with known truth: great amounts are fraud, and so is all at a bad terminal.
/// </summary>
internal static class GivenPayments
{
    public const int Days = 84;

    public static TransactionFile Made(int seed = 3, int paymentsADay = 120)
    {
        var random = new Random(seed);
        var lines = new StringBuilder("TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD\n");
        var begin = new DateTime(2020, 1, 1);
        for (var at = 0; at < Days * paymentsADay; at++)
        {
            var time = begin.AddSeconds((at * 86_400.0 / paymentsADay) + random.Next(300));
            var (customer, terminal) = (random.Next(paymentsADay / 2), random.Next(40));
            var amount = 10 + (customer % 7) + (random.NextDouble() * 20) + (random.Next(100) == 0 ? 250 : 0);
            var isBad = terminal == (time - begin).Days / 20 % 40;
            lines.Append(CultureInfo.InvariantCulture, $"{at},{time:yyyy-MM-dd HH:mm:ss},{customer},{terminal},")
                .Append(CultureInfo.InvariantCulture, $"{amount:F2},{(amount > 250 || isBad ? 1 : 0)}\n");
        }

        return Read(lines.ToString());
    }

    public static TransactionFile Read(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return TransactionFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

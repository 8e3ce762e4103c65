using Npgsql;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>Several statements in one round trip; without an open transaction they are one of their own.</summary>
public static class PostgresBatch
{
    /// <summary>Adds a statement.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="sql">Its parameters are <c>$1</c>, <c>$2</c>, …</param>
    /// <param name="parameters">In their order, typed.</param>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }
}

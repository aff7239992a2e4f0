using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Signet.Infrastructure.Data;

internal static class InsertIfAbsentExtensions
{
    private static readonly ConcurrentDictionary<IEntityType, Insert> Inserts = new();

    /// <summary>
    /// Inserts the row unless a unique index objects, in one atomic statement, and says whether it did.
    /// EF Core can only insert and throw, which costs an exception and an error in the log for each race that is lost.
    /// </summary>
    public static async Task<bool> InsertIfAbsent<T>(this AppDbContext db, T row, CancellationToken ct) where T : class
    {
        var (sql, properties) = Inserts.GetOrAdd(db.Model.FindEntityType(typeof(T))!, Insert.Into);
        var connection = db.Database.GetDbConnection();
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            await using var command = connection.CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            command.CommandText = sql;
            for (var i = 0; i < properties.Length; i++)
                command.Parameters.Add(Parameter(command, properties[i], row, i));
            return await command.ExecuteNonQueryAsync(ct) == 1;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static DbParameter Parameter(DbCommand command, IProperty property, object row, int index) =>
        ((RelationalTypeMapping)property.FindTypeMapping()!)
            .CreateParameter(command, $"@p{index}", property.GetGetter().GetClrValue(row), property.IsNullable);

    private sealed record Insert(string Sql, IProperty[] Properties)
    {
        public static Insert Into(IEntityType entity)
        {
            var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table)!.Value;
            var properties = entity.GetProperties().ToArray();
            var columns = string.Join(", ", properties.Select(property => $"\"{property.GetColumnName(table)}\""));
            var values = string.Join(", ", properties.Select((_, i) => $"@p{i}"));
            return new($"INSERT INTO \"{table.Name}\" ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING", properties);
        }
    }
}

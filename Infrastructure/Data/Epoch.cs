namespace Signet.Infrastructure.Data;

/// <summary>
/// How everything of a user, of a client or of the installation ends with one row update. Each has a counter that
/// only grows; what is issued carries the sum of those that apply to it, and is dead once the sum has grown.
/// Unlike a point in time this is exact whatever the clocks of the nodes say, and an issue that races a revocation loses.
/// </summary>
internal static class Epoch
{
    public static Task RaiseForUser(AppDbContext db, Guid userId, CancellationToken ct) =>
        db.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(set => set.SetProperty(user => user.TokenEpoch, user => user.TokenEpoch + 1), ct);

    public static Task RaiseForClient(AppDbContext db, string clientId, CancellationToken ct) =>
        db.Clients.Where(client => client.Id == clientId).ExecuteUpdateAsync(set => set.SetProperty(client => client.TokenEpoch, client => client.TokenEpoch + 1), ct);

    public static Task RaiseForEverything(AppDbContext db, CancellationToken ct) =>
        db.Installations.ExecuteUpdateAsync(set => set.SetProperty(installation => installation.TokenEpoch, installation => installation.TokenEpoch + 1), ct);
}

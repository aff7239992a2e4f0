namespace Signet.Infrastructure.OAuth;

internal static class ManagedApps
{
    /// <summary>
    /// The apps that the caller may look at and change: a person's own, for administrators all, and for an app that acts
    /// for itself those of its own owner (of the installation, when it belongs to nobody). Whatever is not among them does not exist for the caller.
    /// </summary>
    public static IQueryable<Client> ManagedBy(this AppDbContext db, Caller caller) => caller switch
    {
        { IsAdmin: true } => db.Clients,
        { UserId: { } user } => db.Clients.Where(client => client.OwnerId == user && client.Kind != ClientKind.Api),
        { ClientId: { } machine } => db.Clients.Where(client => client.Kind != ClientKind.Api
            && db.Clients.Any(self => self.Id == machine && self.OwnerId == client.OwnerId)),
        _ => db.Clients.Where(_ => false),
    };

    /// <summary>
    /// Whether the caller may register apps, and let them register themselves. An app that acts for itself has
    /// <c>apps.write</c> from an administrator only.
    /// </summary>
    public static bool MayRegisterApps(this Caller caller, SignetOptions options) =>
        caller.IsAdmin || (caller.UserId is null ? caller.ClientId is not null : options.Registration.Apps == AppRegistration.Users);

    /// <summary>The next <c>UpdatedAt</c>, by which others notice a change: now, or a moment after the last one where clocks differ.</summary>
    public static DateTimeOffset After(DateTimeOffset seen, DateTimeOffset now) => now > seen ? now : seen.AddMilliseconds(1);

    /// <summary>
    /// Inside a transaction: nothing that refers to the client can be written until its end, so that no token slips in
    /// between its last tokens and its row. SQLite's transactions write alone anyway.
    /// </summary>
    public static Task LockClient(this AppDbContext db, string clientId, CancellationToken ct) => db.Database.IsNpgsql()
        ? db.Database.ExecuteSqlAsync($"SELECT 1 FROM clients WHERE id = {clientId} FOR UPDATE", ct)
        : Task.CompletedTask;
}

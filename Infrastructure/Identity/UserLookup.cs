namespace Signet.Infrastructure.Identity;

internal static class UserLookup
{
    /// <summary>The user with an e-mail address, however its letters are cased; null when there is none.</summary>
    public static async Task<Guid?> UserIdOf(this AppDbContext db, string email, CancellationToken ct) =>
        PersonDetails.Key(email) is { } key ? await db.Users.Where(user => user.NormalizedEmail == key).Select(user => (Guid?)user.Id).FirstOrDefaultAsync(ct) : null;

    /// <summary>Whom an app means by a user id, or by an e-mail address that its owner has confirmed: whoever merely typed it in is not meant.</summary>
    public static Task<Guid?> UserIdMeantBy(this AppDbContext db, string subject, CancellationToken ct)
    {
        var id = Guid.TryParseExact(subject, "D", out var parsed) ? parsed : Guid.Empty;
        var key = PersonDetails.Key(subject);
        return db.Users.Where(user => user.Id == id || (key != null && user.NormalizedEmail == key && user.EmailConfirmed)).Select(user => (Guid?)user.Id).FirstOrDefaultAsync(ct);
    }
}

namespace Signet.Infrastructure.Identity;

internal static class UserLookup
{
    /// <summary>The user with an e-mail address, however its letters are cased; null when there is none.</summary>
    public static async Task<Guid?> UserIdOf(this AppDbContext db, string email, CancellationToken ct)
    {
        var normalized = email.Normalize().ToUpperInvariant();
        return await db.Users.Where(user => user.NormalizedEmail == normalized).Select(user => (Guid?)user.Id).FirstOrDefaultAsync(ct);
    }
}

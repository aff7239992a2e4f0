namespace Signet.Infrastructure.Identity;

internal static class RememberedBrowsers
{
    /// <summary>No browser is remembered as this person's any more, and whoever waits at the second step begins again: both carry the old stamp.</summary>
    public static Task ForgetBrowsers(this AppDbContext db, Guid userId, CancellationToken ct)
    {
        var stamp = User.NewStamp();
        return db.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(set => set.SetProperty(user => user.SecurityStamp, stamp), ct);
    }
}

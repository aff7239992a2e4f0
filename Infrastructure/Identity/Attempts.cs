namespace Signet.Infrastructure.Identity;

/// <summary>
/// Counts guesses on the account itself, in one statement and before the guess is looked at, so that parallel guesses
/// cannot outrun the limit. The last allowed attempt locks; a right guess unlocks again.
/// </summary>
internal sealed class Attempts(AppDbContext db, TimeProvider time)
{
    public const int Limit = 5;
    public static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(5);

    /// <summary>Takes one attempt at the password; false while the account is locked.</summary>
    public async Task<bool> TakePassword(Guid userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? until = now + LockedFor;
        return await db.Users.Where(user => user.Id == userId && (user.LockoutEnd == null || user.LockoutEnd <= now)).ExecuteUpdateAsync(set => set
            .SetProperty(user => user.AccessFailedCount, user => user.LockoutEnd != null ? 1 : user.AccessFailedCount + 1)
            .SetProperty(user => user.LockoutEnd, user => user.LockoutEnd == null && user.AccessFailedCount + 1 >= Limit ? until : null), ct) == 1;
    }

    public Task ForgivePassword(Guid userId, CancellationToken ct) => db.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(set => set
        .SetProperty(user => user.AccessFailedCount, 0).SetProperty(user => user.LockoutEnd, (DateTimeOffset?)null), ct);

    /// <summary>Takes one attempt at the second factor, TOTP and recovery codes together; false while it is locked.</summary>
    public async Task<bool> TakeSecondFactor(Guid userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? until = now + LockedFor;
        return await db.Users.Where(user => user.Id == userId && (user.SecondFactorLockoutEnd == null || user.SecondFactorLockoutEnd <= now)).ExecuteUpdateAsync(set => set
            .SetProperty(user => user.SecondFactorFailedCount, user => user.SecondFactorLockoutEnd != null ? 1 : user.SecondFactorFailedCount + 1)
            .SetProperty(user => user.SecondFactorLockoutEnd, user => user.SecondFactorLockoutEnd == null && user.SecondFactorFailedCount + 1 >= Limit ? until : null), ct) == 1;
    }

    public Task ForgiveSecondFactor(Guid userId, CancellationToken ct) => db.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(set => set
        .SetProperty(user => user.SecondFactorFailedCount, 0).SetProperty(user => user.SecondFactorLockoutEnd, (DateTimeOffset?)null), ct);
}

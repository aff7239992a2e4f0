using Microsoft.AspNetCore.Identity;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// The one place where passwords are verified and hashed: an attempt is taken before the hash is computed, and nobody, somebody
/// and a locked account cost the same.
/// </summary>
internal sealed class PasswordCheck(
    AppDbContext db, IPasswordHasher<User> hasher, Attempts attempts, HashingRoom room, Caller caller, TimeProvider time)
{
    /// <summary>How a check can end. <see cref="Locks"/> is a wrong password that was the last one allowed.</summary>
    public enum Verdict { Right, Wrong, Locks, Locked, Busy }

    private static readonly User Nobody = new() { Name = "nobody", CreatedAt = DateTimeOffset.UnixEpoch };

    public async Task<Verdict> Verify(User? user, Secret password, CancellationToken ct)
    {
        if (password.Text.Length > PasswordPolicy.Longest)
            return Verdict.Wrong;
        using var place = await room.Enter(caller.RemoteAddress, ct);
        if (!place.IsAcquired)
            return Verdict.Busy;
        if (user is null || !await attempts.TakePassword(user.Id, ct))
        {
            Matches(Nobody, room.HashOfNobody, password, "nobody");
            return user is null ? Verdict.Wrong : Verdict.Locked;
        }

        switch (Matches(user, user.PasswordHash ?? room.HashOfNobody, password, "user"))
        {
            case PasswordVerificationResult.Failed:
            case var _ when user.PasswordHash is null:
                var now = time.GetUtcNow();
                return await db.Users.AnyAsync(u => u.Id == user.Id && u.LockoutEnd > now, ct) ? Verdict.Locks : Verdict.Wrong;
            case PasswordVerificationResult.SuccessRehashNeeded:
                var better = Make(user, password);
                await db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
                    .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, better), ct);
                break;
        }

        await attempts.ForgivePassword(user.Id, ct);
        return Verdict.Right;
    }

    /// <summary>The hash of a new password, or null while there is no room to make one.</summary>
    public async Task<string?> Hash(User user, Secret password, CancellationToken ct)
    {
        using var place = await room.Enter(caller.RemoteAddress, ct);
        return place.IsAcquired ? Make(user, password) : null;
    }

    private PasswordVerificationResult Matches(User user, string hash, Secret password, string whose)
    {
        HashingRoom.Hashes.Add(1, new KeyValuePair<string, object?>("of", whose));
        return hasher.VerifyHashedPassword(user, hash, password.Text);
    }

    private string Make(User user, Secret password)
    {
        HashingRoom.Hashes.Add(1, new KeyValuePair<string, object?>("of", "new"));
        return hasher.HashPassword(user, password.Text);
    }
}

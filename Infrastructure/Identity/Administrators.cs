using Microsoft.AspNetCore.Identity;

namespace Signet.Infrastructure.Identity;

/// <summary>Who administers this installation. There is always one left who can: changes wait for one another, and look before they take.</summary>
internal sealed class Administrators(AppDbContext db, TimeProvider time)
{
    public IQueryable<User> Enabled => db.Users.Where(
        user => user.DisabledAt == null && db.UserRoles.Any(role => role.UserId == user.Id && role.RoleId == Roles.AdminId));

    /// <summary>Lets one process at a time change who administers, until its transaction ends: the row of the installation is the lock.</summary>
    public Task WaitForOthers(CancellationToken ct) =>
        db.Installations.ExecuteUpdateAsync(set => set.SetProperty(installation => installation.TokenEpoch, installation => installation.TokenEpoch), ct);

    /// <summary>Whether someone else would be left. Only certain after <see cref="WaitForOthers"/> in the same transaction.</summary>
    public Task<bool> RemainWithout(Guid userId, CancellationToken ct) => Enabled.AnyAsync(user => user.Id != userId, ct);

    /// <summary>Makes someone an administrator; with the first one the installation is set up, and no setup link works any more.</summary>
    public async Task<bool> Add(Guid userId, CancellationToken ct)
    {
        DateTimeOffset? now = time.GetUtcNow();
        var isNew = await db.InsertIfAbsent(new IdentityUserRole<Guid> { UserId = userId, RoleId = Roles.AdminId }, ct);
        await db.Installations.Where(installation => installation.SetUpAt == null).ExecuteUpdateAsync(set => set.SetProperty(installation => installation.SetUpAt, now), ct);
        await db.SetupCodes.ExecuteDeleteAsync(ct);
        return isNew;
    }

    public async Task<bool> Remove(Guid userId, CancellationToken ct) =>
        await db.UserRoles.Where(role => role.UserId == userId && role.RoleId == Roles.AdminId).ExecuteDeleteAsync(ct) == 1;
}

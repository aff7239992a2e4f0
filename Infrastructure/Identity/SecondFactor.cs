namespace Signet.Infrastructure.Identity;

/// <summary>
/// Whether a second factor is right: an attempt is taken from the account before the code is looked at, a time step counts once
/// and a recovery code is gone once used.
/// </summary>
internal sealed class SecondFactor(AppDbContext db, Attempts attempts, Authenticator authenticator)
{
    public enum Verdict { Right, Wrong, Locked }

    /// <summary>A code of the authenticator app, or a recovery code; <paramref name="user"/> says which by its method (<c>amr</c>).</summary>
    public async Task<(Verdict Verdict, string Method)> Verify(User user, Secret code, CancellationToken ct)
    {
        var isRecoveryCode = RecoveryCodes.IsOne(code);
        var method = isRecoveryCode ? AuthenticationMethods.RecoveryCode : AuthenticationMethods.OneTimePassword;
        if (!await attempts.TakeSecondFactor(user.Id, ct))
            return (Verdict.Locked, method);
        if (!user.TwoFactorEnabled || !(isRecoveryCode ? await UseRecoveryCode(user, code, ct) : await UseStep(user, code, ct)))
            return (Verdict.Wrong, method);
        await attempts.ForgiveSecondFactor(user.Id, ct);
        return (Verdict.Right, method);
    }

    /// <summary>As typed, without the blanks and hyphens that group it.</summary>
    public static string Clean(Secret code) => string.Concat(code.Text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private async Task<bool> UseStep(User user, Secret code, CancellationToken ct) =>
        authenticator.StepOf(user, code) is { } step
        && await db.Users.Where(u => u.Id == user.Id && u.TwoFactorEnabled && u.LastTotpStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.LastTotpStep, step), ct) == 1;

    private async Task<bool> UseRecoveryCode(User user, Secret code, CancellationToken ct)
    {
        var hash = RecoveryCodes.Hash(code);
        return await db.RecoveryCodes.Where(row => row.UserId == user.Id && row.Hash == hash).ExecuteDeleteAsync(ct) == 1;
    }
}

using System.Globalization;

namespace Signet.Infrastructure.Mail;

/// <summary>Tells a person by mail what happened to the account, so that whoever it was not can act.</summary>
internal sealed class Notices(AppDbContext db, Mailer mailer, MailAllowance allowance, IOptions<SignetOptions> options, TimeProvider time)
{
    /// <param name="userId">Whom to tell.</param>
    /// <param name="subject">What happened, in one line.</param>
    /// <param name="what">What it means, in a sentence or two.</param>
    /// <param name="advice">What to do about it, up to the link that follows.</param>
    /// <param name="path">The page to do it on.</param>
    public async Task Tell(Guid userId, string subject, string what, string advice, string path)
    {
        if (!mailer.CanSend)
            return;
        // It has happened already, so nobody who hangs up keeps the person from being told.
        if (await db.Users.Where(user => user.Id == userId).Select(user => user.Email).FirstOrDefaultAsync(CancellationToken.None) is not { } email
            || !allowance.Take(subject, userId.ToString()))
            return;
        var when = time.GetUtcNow().ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
        mailer.Send(email, subject, $"""
            {what}

            {advice}
            {options.Value.Url(path)}

            It happened on {when}, to the account of {email} at {options.Value.Issuer}.
            """);
    }
}

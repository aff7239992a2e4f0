using Hangfire;
using MailKit.Net.Smtp;
using Microsoft.AspNetCore.DataProtection;
using MimeKit;

namespace Signet.Infrastructure.Mail;

/// <summary>
/// Sends mail by a job, so that no request waits for a mail server and one that is away is tried again. What waits is
/// sealed: a mail may carry a link that opens something, and the job's row must not.
/// </summary>
internal sealed partial class Mailer(
    IServiceProvider services, IOptions<SmtpOptions> options, IDataProtectionProvider protection, ILogger<Mailer> log)
{
    private static int hasSaidSo;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether there is a mail server to send by.</summary>
    public bool CanSend => options.Value.Host.Length > 0;

    /// <summary>Puts a mail on its way; where no mail server is configured, nothing is sent, and the log says so once.</summary>
    public void Send(string to, string subject, string text)
    {
        if (!CanSend)
        {
            if (Interlocked.Exchange(ref hasSaidSo, 1) == 0)
                NothingIsSent();
            return;
        }

        var protector = Protector;
        var (sealedTo, sealedSubject, sealedText) = (protector.Protect(to), protector.Protect(subject), protector.Protect(text));
        services.GetRequiredService<IBackgroundJobClient>().Enqueue<Mailer>(mailer => mailer.Deliver(sealedTo, sealedSubject, sealedText, CancellationToken.None));
    }

    /// <summary>The job's half: soon again after a hiccup, and for eight hours while the server is away.</summary>
    [AutomaticRetry(Attempts = 8, DelaysInSeconds = new[] { 5, 30, 120, 600, 1800, 3600, 7200, 14400 })]
    public async Task Deliver(string sealedTo, string sealedSubject, string sealedText, CancellationToken ct)
    {
        var smtp = options.Value;
        var protector = Protector;
        using var message = new MimeMessage
        {
            Subject = protector.Unprotect(sealedSubject),
            Body = new TextPart("plain") { Text = protector.Unprotect(sealedText) },
        };
        message.From.Add(MailboxAddress.Parse(smtp.From));
        message.To.Add(new MailboxAddress("", protector.Unprotect(sealedTo))); // an address and nothing else, whatever is written in it

        using var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        await client.ConnectAsync(smtp.Host, smtp.Port, smtp.Security, ct);
        if (smtp.User.Length > 0)
            await client.AuthenticateAsync(smtp.User, smtp.Password, ct);
        await client.SendAsync(message, ct);
        await client.DisconnectAsync(quit: true, ct);
    }

    private IDataProtector Protector => protection.CreateProtector("mail");

    [LoggerMessage(20, LogLevel.Warning, "no mail is sent: Smtp:Host is not set")]
    private partial void NothingIsSent();
}

internal static class Mailing
{
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.AddOptions<SmtpOptions>().BindConfiguration(SmtpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<MailAllowance>().AddTransient<Mailer>().AddScoped<Notices>();
    }
}

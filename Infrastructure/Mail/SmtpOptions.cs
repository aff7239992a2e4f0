using System.ComponentModel.DataAnnotations;
using System.Net;
using MailKit.Security;
using MimeKit;

namespace Signet.Infrastructure.Mail;

/// <summary>The section <c>Smtp</c>: the server that takes our mail. Without a host nothing is sent.</summary>
internal sealed class SmtpOptions : IValidatableObject
{
    public const string Section = "Smtp";
    private const int ImplicitTls = 465;

    public string Host { get; init; } = "";

    [Range(1, 65535, ErrorMessage = "Smtp:Port must be between 1 and 65535.")]
    public int Port { get; init; } = 587;
    public string User { get; init; } = "";
    public string Password { get; init; } = "";
    public string From { get; init; } = "";

    /// <summary>TLS always, from the first byte on port 465 and by STARTTLS elsewhere; only a server on this machine may go without.</summary>
    public SecureSocketOptions Security => this switch
    {
        { Port: ImplicitTls } => SecureSocketOptions.SslOnConnect,
        _ when IsLoopback => SecureSocketOptions.StartTlsWhenAvailable,
        _ => SecureSocketOptions.StartTls,
    };

    private bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Host.Length == 0)
            yield break;
        if (!MailboxAddress.TryParse(From, out _))
            yield return new("Smtp:From must be the address that mail comes from, for example signet@example.com.");
        if (Password.Length > 0 && User.Length == 0)
            yield return new("Smtp:Password is set, so Smtp:User must be too.");
    }
}

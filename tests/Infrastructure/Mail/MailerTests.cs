using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using MailKit.Security;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Signet.Infrastructure.Mail;

namespace Signet.Tests.Infrastructure.Mail;

/// <summary>Mail to a real, tiny SMTP server.</summary>
public sealed class MailerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delivers_what_the_job_carries_sealed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var received = Receive(listener);
        var protection = new EphemeralDataProtectionProvider(NullLoggerFactory.Instance);
        var seal = protection.CreateProtector("mail");
        var mailer = new Mailer(
            new ServiceCollection().BuildServiceProvider(),
            Options.Create(new SmtpOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, From = "signet@example.test" }),
            protection, NullLogger<Mailer>.Instance);

        await mailer.Deliver(seal.Protect("ada@example.test"), seal.Protect("Hello"), seal.Protect("Your token expires."), Ct);

        var mail = await received;
        mail.ShouldContain("RCPT TO:<ada@example.test>");
        mail.ShouldContain("Subject: Hello");
        mail.ShouldContain("Your token expires.");
    }

    [Theory]
    [InlineData("mail.example.com", 587, SecureSocketOptions.StartTls)]
    [InlineData("mail.example.com", 25, SecureSocketOptions.StartTls)]
    [InlineData("mail.example.com", 465, SecureSocketOptions.SslOnConnect)]
    [InlineData("127.0.0.1", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    public void Goes_without_tls_on_this_machine_only(string host, int port, SecureSocketOptions expected) =>
        new SmtpOptions { Host = host, Port = port }.Security.ShouldBe(expected);

    [Fact]
    public void Refuses_settings_that_cannot_work()
    {
        Objections(new SmtpOptions()).ShouldBeEmpty();
        Objections(new SmtpOptions { Host = "mail.example.com", From = "not an address" }).ShouldNotBeEmpty();
        Objections(new SmtpOptions { Host = "mail.example.com", From = "a@example.com", Password = "x" }).ShouldNotBeEmpty();
        Objections(new SmtpOptions { Host = "mail.example.com", From = "a@example.com", Port = 0 }).ShouldNotBeEmpty();
    }

    private static List<ValidationResult> Objections(SmtpOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results;
    }

    private static async Task<string> Receive(TcpListener listener)
    {
        using var tcp = await listener.AcceptTcpClientAsync(Ct);
        using var reader = new StreamReader(tcp.GetStream());
        await using var writer = new StreamWriter(tcp.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        var all = new List<string>();
        await writer.WriteLineAsync("220 test");
        var isData = false;
        while (await reader.ReadLineAsync(Ct) is { } line)
        {
            all.Add(line);
            if (isData && line != ".")
                continue;
            isData = line == "DATA";
            await writer.WriteLineAsync(line switch { "DATA" => "354 go on", "QUIT" => "221 bye", _ => "250 ok" });
            if (line == "QUIT")
                break;
        }

        return string.Join('\n', all);
    }
}

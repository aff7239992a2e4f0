using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Hosting;
using MimeKit;

namespace Signet.Tests;

/// <summary>A letter as it arrived.</summary>
public sealed record Letter(string To, string Subject, string Text);

/// <summary>A real, tiny SMTP server that keeps what it gets; it can go away and come back at the same port.</summary>
public sealed class Mailbox : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90); // a loaded machine is slow, a mail that never comes is a failure
    private readonly Channel<Letter> letters = Channel.CreateUnbounded<Letter>();
    private CancellationTokenSource? open;
    private Task serving = Task.CompletedTask;

    public Mailbox() => Open();

    public int Port { get; private set; }

    public void Open()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        open = new CancellationTokenSource();
        serving = Serve(listener, open.Token);
    }

    public async Task Close()
    {
        if (open is null)
            return;
        await open.CancelAsync();
        await serving;
        open.Dispose();
        open = null;
    }

    /// <summary>The next letter, which a job brings.</summary>
    public async Task<Letter> Next()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        return await letters.Reader.ReadAsync(patience.Token);
    }

    public void Empty()
    {
        while (letters.Reader.TryRead(out _))
        {
            // left by a test that did not look
        }
    }

    public async ValueTask DisposeAsync() => await Close();

    private async Task Serve(TcpListener listener, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                using var caller = await listener.AcceptTcpClientAsync(ct);
                try
                {
                    await Talk(caller.GetStream(), ct);
                }
                catch (IOException)
                {
                    // hung up: there are others to serve
                }
            }
        }
        catch (OperationCanceledException)
        {
            listener.Stop();
        }
    }

    private async Task Talk(NetworkStream stream, CancellationToken ct)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test");
        var to = "";
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith("RCPT TO:", StringComparison.Ordinal))
                to = line["RCPT TO:".Length..].Trim('<', '>');
            await writer.WriteLineAsync(line switch { "DATA" => "354 go on", "QUIT" => "221 bye", _ => "250 ok" });
            if (line == "DATA")
            {
                await letters.Writer.WriteAsync(await ReadLetter(reader, to, ct), ct);
                await writer.WriteLineAsync("250 ok");
            }
            else if (line == "QUIT")
            {
                return;
            }
        }
    }

    private static async Task<Letter> ReadLetter(StreamReader reader, string to, CancellationToken ct)
    {
        using var raw = new MemoryStream();
        while (await reader.ReadLineAsync(ct) is { } line && line != ".")
            raw.Write(Encoding.Latin1.GetBytes((line.StartsWith('.') ? line[1..] : line) + "\r\n"));
        raw.Position = 0;
        using var message = await MimeMessage.LoadAsync(raw, ct);
        return new Letter(to, message.Subject ?? "", (message.TextBody ?? "").ReplaceLineEndings("\n"));
    }
}

/// <summary>Signet with a mail server and a worker for its jobs.</summary>
public sealed class PostgresSiteWithMail : PostgresSite
{
    public PostgresSiteWithMail() => Mailbox = new Mailbox();
}

/// <inheritdoc cref="PostgresSiteWithMail"/>
public sealed class SqliteSiteWithMail : SqliteSite
{
    public SqliteSiteWithMail() => Mailbox = new Mailbox();
}

internal static class MailSettings
{
    /// <summary>Sends the mail of a site to the mailbox, if there is one.</summary>
    public static void SendMailTo(this IWebHostBuilder builder, Mailbox? mailbox)
    {
        if (mailbox is null)
            return;
        builder.UseSetting("Smtp:Host", "127.0.0.1");
        builder.UseSetting("Smtp:Port", mailbox.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        builder.UseSetting("Smtp:From", "signet@example.test");
    }
}

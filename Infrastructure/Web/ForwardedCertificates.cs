using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace Signet.Infrastructure.Web;

/// <summary>
/// Client certificates where a reverse proxy ends TLS: the header <c>ForwardedHeaders:ClientCertificateHeader</c>, as PEM (plain or
/// URL-encoded) or base64 of DER (also between colons, RFC 9440 §2.1), believed from known proxies alone.
/// </summary>
internal static class ForwardedCertificates
{
    private const int Longest = 16 * 1024;

    /// <summary>Goes before the forwarded headers are applied: afterwards nobody can tell a proxy from whom it speaks for.</summary>
    public static IApplicationBuilder UseForwardedCertificates(this WebApplication app)
    {
        var forwarded = app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value;
        if (forwarded.KnownProxies.Count == 0 && forwarded.KnownIPNetworks.Count == 0)
            return app;
        var header = app.Configuration["ForwardedHeaders:ClientCertificateHeader"];
        return app.Use((http, next) =>
        {
            // The proxy's own certificate, where it has one, is nobody's proof but its own.
            if (IsKnown(http.Connection.RemoteIpAddress, forwarded))
                http.Features.Set<ITlsConnectionFeature>(new Told(http, header));
            return next(http);
        });
    }

    private static bool IsKnown(IPAddress? address, ForwardedHeadersOptions forwarded)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        return address is not null && (forwarded.KnownProxies.Contains(address) || forwarded.KnownIPNetworks.Any(network => network.Contains(address)));
    }

    private static X509Certificate2? Read(string? text)
    {
        if (text is not { Length: > 0 and <= Longest })
            return null;
        try
        {
            var plain = text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text) : text;
            return plain.StartsWith("-----BEGIN ", StringComparison.Ordinal)
                ? X509Certificate2.CreateFromPem(plain)
                : X509CertificateLoader.LoadCertificate(Convert.FromBase64String(plain.Trim(':')));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>What the proxy told about one request; read when somebody asks.</summary>
    private sealed class Told(HttpContext http, string? header) : ITlsConnectionFeature
    {
        private bool isRead;

        public X509Certificate2? ClientCertificate
        {
            get
            {
                if (isRead)
                    return field;
                isRead = true;
                field = header is { Length: > 0 } && http.Request.Headers[header] is [var only] ? Read(only) : null;
                if (field is not null)
                    http.Response.RegisterForDispose(field);
                return field;
            }
            set => (field, isRead) = (value, true);
        }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}

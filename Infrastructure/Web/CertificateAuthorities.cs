using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signet.Infrastructure.Web;

/// <summary>Certificates of authorities that a setting names a PEM file of.</summary>
internal static class CertificateAuthorities
{
    /// <exception cref="InvalidSetting">The file cannot be read, or has none in it.</exception>
    public static X509Certificate2Collection Read(string setting, string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidSetting($"{setting} cannot be read: {exception.Message}");
        }

        return authorities.Count > 0 ? authorities : throw new InvalidSetting($"{setting} has no certificate in it; it must be a PEM file.");
    }
}

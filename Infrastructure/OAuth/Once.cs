using System.Text;
using System.Security.Cryptography;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Remembers on all nodes what may be presented once: the <c>jti</c> of a client assertion (RFC 7523 §3), of a DPoP proof
/// (RFC 9449 §11.1). The row lives as long as the value could be accepted.
/// </summary>
internal sealed class Once(AppDbContext db)
{
    /// <summary>True the first time; one atomic insert decides.</summary>
    /// <param name="realm">What kind of value it is, and whose: equal values of different realms do not meet.</param>
    /// <param name="until">From when on the value is refused anyway.</param>
    public Task<bool> Take(string realm, string value, DateTimeOffset until, CancellationToken ct) =>
        db.InsertIfAbsent(new UsedValue { Hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{realm}\n{value}")), ExpiresAt = until }, ct);
}

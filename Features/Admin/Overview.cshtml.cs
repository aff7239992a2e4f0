using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

/// <summary>Where administrators begin: how much there is of everything, and the way to it.</summary>
internal static class Overview
{
    [Authorize(Policies.Admin)]
    public sealed class Page(AppDbContext db, TimeProvider time) : PageModel
    {
        public (string Label, string Path, int? Count)[] Places { get; private set; } = [];

        public async Task OnGetAsync(CancellationToken ct)
        {
            var now = time.GetUtcNow();
            Places =
            [
                ("Users", "/admin/users", await db.Users.CountAsync(ct)),
                ("Apps", "/admin/apps", await db.Clients.CountAsync(client => client.Kind != ClientKind.Api, ct)),
                ("APIs", "/admin/apis", await db.Resources.CountAsync(ct)),
                ("Authorizations and stored tokens", "/admin/tokens",
                    await db.Grants.CountAsync(grant => grant.RevokedAt == null && grant.ExpiresAt > now, ct)
                    + await db.Tokens.CountAsync(token => token.GrantId == null && token.RevokedAt == null && token.ExpiresAt > now, ct)),
                ("Signing keys", "/admin/keys", await db.SigningKeys.CountAsync(key => key.GoneFrom == null || key.GoneFrom > now, ct)),
                ("Jobs", "/admin/jobs", null),
            ];
        }
    }
}

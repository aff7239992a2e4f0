using Hangfire;
using Microsoft.AspNetCore.DataProtection;
using Signet.Infrastructure.Outbound;

namespace Signet.Features;

/// <summary>
/// Tells an app that a person has decided, so that it asks for its tokens (CIBA §10.2). What is told is sealed until then; an app
/// that does not take it loses nothing, for it may poll all the same.
/// </summary>
internal static class PingApp
{
    public static string Seal(IDataProtectionProvider protection, Infrastructure.Secret authenticationRequestId, string notificationToken) =>
        Protector(protection).Protect($"{authenticationRequestId.Text} {notificationToken}");

    public static void Enqueue(IBackgroundJobClient jobs, PendingAuthorization decided)
    {
        if (decided.SealedPing is not null)
            jobs.Enqueue<Job>(job => job.Run(decided.Id, CancellationToken.None));
    }

    private static IDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector("ciba-ping");

    public sealed class Job(AppDbContext db, ClientDirectory directory, OutboundClient outbound, IDataProtectionProvider protection)
    {
        /// <summary>Nothing is left to tell once the app was here by itself.</summary>
        [AutomaticRetry(Attempts = 3, DelaysInSeconds = new[] { 5, 30, 120 })]
        public async Task Run(Guid id, CancellationToken ct)
        {
            var decided = await db.PendingAuthorizations.Where(row => row.Id == id).Select(row => new { row.ClientId, row.SealedPing }).FirstOrDefaultAsync(ct);
            if (decided?.SealedPing is not { } ping || await directory.Find(decided.ClientId, ct) is not { DisabledAt: null, Settings.BackchannelClientNotificationEndpoint: { } endpoint })
                return;
            var told = Protector(protection).Unprotect(ping).Split(' ');
            using var content = JsonContent.Create(new Dictionary<string, string> { ["auth_req_id"] = told[0] });
            if (!await outbound.Post(endpoint, content, told[1], ct))
                throw new HttpRequestException("the app did not take the notification");
        }
    }
}

using Hangfire;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// Tells apps that a session has ended (OpenID Connect Back-Channel Logout §2.5). What is to be told is a row, written with the
/// end of the session itself; a job brings it, so that nobody waits for an app, and a row whose job was lost is found by the clock.
/// </summary>
internal sealed class LogoutNotices(
    AppDbContext db, ClientDirectory directory, Subjects subjects, TokenWriter writer, OutboundClient outbound, IServiceProvider services, TimeProvider time)
{
    private const int MostOfOneRequest = 100;
    private const int MostLost = 2000;
    private static readonly TimeSpan JobsAreLostAfter = TimeSpan.FromSeconds(30);

    /// <summary>How long an app that did not take the notice is left alone, after each try; then it is given up.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    /// <summary>Writes down whom to tell of the end of these sessions: every app that had a grant in one and has an address for it.</summary>
    public async Task<List<LogoutDelivery>> Write(Guid[] sessionIds, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var apps = await db.Grants.Where(grant => sessionIds.Contains(grant.SessionId))
            .Select(grant => new { grant.ClientId, grant.SessionId, grant.UserId }).Distinct().ToListAsync(ct);
        var written = new List<LogoutDelivery>();
        foreach (var app in apps)
        {
            if (await directory.Find(app.ClientId, ct) is not { DisabledAt: null, Settings.BackchannelLogoutUri: not null })
                continue;
            var row = new LogoutDelivery
            {
                Id = Guid.CreateVersion7(now),
                ClientId = app.ClientId,
                SessionId = app.SessionId,
                UserId = app.UserId,
                CreatedAt = now,
                NextTryAt = now,
            };
            if (await db.InsertIfAbsent(row, ct))
                written.Add(row);
        }

        return written;
    }

    /// <summary>Puts the notices of one request on their way; what is too much for it goes by the clock.</summary>
    public void SendSome(IEnumerable<LogoutDelivery> notices, TimeSpan after) => Send([.. notices.Take(MostOfOneRequest)], after);

    private void Send(IReadOnlyList<LogoutDelivery> notices, TimeSpan after)
    {
        if (notices is [])
            return;
        var jobs = services.GetRequiredService<IBackgroundJobClient>();
        foreach (var notice in notices)
        {
            if (after == TimeSpan.Zero)
                jobs.Enqueue<LogoutNotices>(job => job.Deliver(notice.Id, notice.Tries, CancellationToken.None));
            else
                jobs.Schedule<LogoutNotices>(job => job.Deliver(notice.Id, notice.Tries, CancellationToken.None), after);
        }
    }

    /// <summary>Puts those on their way again whose job was lost. One that only waits in its queue gains nothing by it: of two that begin the same try one does.</summary>
    public async Task SendLost(CancellationToken ct)
    {
        var before = time.GetUtcNow() - JobsAreLostAfter;
        Send(await db.LogoutDeliveries.AsNoTracking().Where(notice => notice.Status == LogoutStatus.Waiting && notice.NextTryAt < before)
            .OrderBy(notice => notice.NextTryAt).Take(MostLost).ToListAsync(ct), TimeSpan.Zero);
    }

    /// <summary>The job's half: one try, unless somebody else has begun it.</summary>
    [AutomaticRetry(Attempts = 0)] // what is tried again, and when, is in the row
    public async Task Deliver(Guid id, int tries, CancellationToken ct)
    {
        var next = time.GetUtcNow() + Pauses[Math.Min(tries, Pauses.Length - 1)];
        var mine = db.LogoutDeliveries.Where(notice => notice.Id == id && notice.Status == LogoutStatus.Waiting);
        if (await mine.Where(notice => notice.Tries == tries)
            .ExecuteUpdateAsync(set => set.SetProperty(notice => notice.Tries, tries + 1).SetProperty(notice => notice.NextTryAt, next), ct) == 0)
            return;
        var delivery = await mine.AsNoTracking().SingleAsync(ct);
        if (await directory.Find(delivery.ClientId, ct) is not { DisabledAt: null, Settings.BackchannelLogoutUri: { } uri } client)
        {
            await End(mine, LogoutStatus.Failed, "the app has no address any more", ct);
            return;
        }

        if (await Tell(client, uri, delivery, ct) is not { } error)
        {
            await End(mine, LogoutStatus.Delivered, null, ct);
        }
        else if (tries >= Pauses.Length)
        {
            await End(mine, LogoutStatus.Failed, error, ct);
        }
        else
        {
            await mine.ExecuteUpdateAsync(set => set.SetProperty(notice => notice.LastError, error), ct);
            Send([delivery], Pauses[tries]);
        }
    }

    /// <summary>Why the app could not be told, or null.</summary>
    private async Task<string?> Tell(Client client, string uri, LogoutDelivery delivery, CancellationToken ct)
    {
        try
        {
            var token = await writer.LogoutToken(client, await subjects.Of(client, delivery.UserId, ct), delivery.SessionId, time.GetUtcNow(), ct);
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("logout_token", token)]);
            return await outbound.TryPost(uri, form, null, ct);
        }
        catch (NoEncryptionKey missing)
        {
            return missing.Message;
        }
    }

    private Task End(IQueryable<LogoutDelivery> notice, LogoutStatus status, string? error, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return notice.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Status, status).SetProperty(row => row.LastError, error).SetProperty(row => row.EndedAt, now), ct);
    }
}

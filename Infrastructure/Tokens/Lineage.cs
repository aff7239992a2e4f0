using System.Text.Json;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// What an exchanged token goes back to, beside its grant: the app that it speaks for and those that act (RFC 8693 §4.1), whose
/// epochs are part of the token's, so that it ends with everything of each of them; and the tokens that were presented for it.
/// </summary>
internal static class Lineage
{
    private const int Deepest = 5;

    public static string[] Of(string? clientId, string? subjectClient, string? actor)
    {
        if (actor is null && (subjectClient is null || subjectClient == clientId))
            return [];
        var apps = subjectClient is null ? [] : new List<string> { subjectClient };
        if (actor is not null)
            apps.AddRange(Actors(actor));
        return [.. apps.Where(app => app != clientId).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Somebody who acts, before those who acted so far; null for a chain that is too long.</summary>
    public static string? Act(string subject, string clientId, string? before)
    {
        var depth = 1;
        for (var act = before is null ? (JsonElement?)null : JsonElement.Parse(before); act is { } current; act = Next(current))
            depth++;
        if (depth > Deepest)
            return null;
        var actor = new Dictionary<string, object> { ["sub"] = subject, ["client_id"] = clientId };
        if (before is not null)
            actor["act"] = JsonElement.Parse(before);
        return JsonSerializer.Serialize(actor);
    }

    /// <summary>What the apps add to the epoch of a token (see <see cref="Data.Epoch"/>); null when one is disabled or gone.</summary>
    public static async ValueTask<long?> Epoch(AppDbContext db, string[] apps, CancellationToken ct)
    {
        if (apps is [])
            return 0;
        var epochs = await db.Clients.Where(client => apps.Contains(client.Id) && client.DisabledAt == null).Select(client => client.TokenEpoch).ToListAsync(ct);
        return epochs.Count == apps.Length ? epochs.Sum() : null;
    }

    /// <summary>Whether one of these tokens was revoked, a JWT or one with a row. None outlives what it was exchanged from, so the evidence is still there.</summary>
    public static async ValueTask<bool> IsRevoked(AppDbContext db, string[] tokens, CancellationToken ct)
    {
        if (tokens is [])
            return false;
        Guid[] rows = [.. tokens.Select(id => Guid.TryParse(id, out var row) ? row : Guid.Empty).Where(row => row != Guid.Empty)];
        return await db.Installations.Select(_ => db.RevokedTokens.Any(revoked => tokens.Contains(revoked.Id)) || db.Tokens.Any(token => rows.Contains(token.Id) && token.RevokedAt != null)).SingleAsync(ct);
    }

    private static IEnumerable<string> Actors(string actor)
    {
        for (JsonElement? act = JsonElement.Parse(actor); act is { } current; act = Next(current))
        {
            if (current.TryGetProperty("client_id", out var client))
                yield return client.GetString()!;
        }
    }

    private static JsonElement? Next(JsonElement act) => act.TryGetProperty("act", out var next) ? next : null;
}

using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Faults;

/// <summary>The one judge of every run: reads the history and names each invariant that does not hold.</summary>
internal static class Checker
{
    private static readonly int[] Documented = [0, 200, 302, 303, 400, 401, 403, 404, 405, 409, 413, 415, 429, 503];

    public static async Task<string[]> Check(History history, string jwks, string issuer) =>
        [.. history.Wrongs, .. SingleUse(history), .. NoResurrection(history), .. OneSuccessor(history), .. StatusTruth(history), .. await Signatures(history, jwks, issuer)];

    private static IEnumerable<string> SingleUse(History history) =>
        from use in history.Operations
        where use is { Name: "redeem", Succeeded: true }
        group use by use.Object into uses
        where uses.Count() > 1
        select $"I1 code {uses.Key} was redeemed {uses.Count()} times";

    private static IEnumerable<string> NoResurrection(History history)
    {
        var ends = history.Operations.Where(end => end is { Name: "end", Succeeded: true }).GroupBy(end => end.Object).ToDictionary(end => end.Key, end => end.Min(one => one.End));
        return from use in history.Operations
               where use is { Name: not "end", Succeeded: true } && ends.TryGetValue(use.Family, out var end) && use.Start > end
               select $"I2 {use.Name} of {use.Object} on node {use.Node} succeeded {(use.Start - ends[use.Family]).TotalMilliseconds:0} ms after its end";
    }

    private static IEnumerable<string> OneSuccessor(History history) =>
        from use in history.Operations
        where use is { Name: "refresh", Succeeded: true }
        group use.Detail by use.Object into successors
        where successors.Distinct().Count() > 1
        select $"I4 refresh token {successors.Key} got {successors.Distinct().Count()} different successors";

    private static IEnumerable<string> StatusTruth(History history)
    {
        foreach (var use in history.Operations)
        {
            if (!Documented.Contains(use.Status))
                yield return $"I7 {use.Name} on node {use.Node} was answered {use.Status} {use.Detail}";
            if (use is { Status: 503, HasRetryAfter: false, Name: not "ready" })
                yield return $"I7 {use.Name} on node {use.Node} was answered 503 without Retry-After";
            if (use is { Name: "refresh" or "redeem", Status: 400 or 401, Doubtful: false } && !EndedBefore(history, use))
                yield return $"I7 {use.Name} of {use.Object} on node {use.Node} was refused with {use.Status} {use.Detail} although nothing had ended it";
            if (use is { Name: "client_credentials" or "revoke", Status: 400 or 401 })
                yield return $"I7 {use.Name} on node {use.Node} was refused with {use.Status} {use.Detail}";
        }
    }

    private static bool EndedBefore(History history, Operation use) =>
        history.Operations.Any(other => other.Name == "end" && other.Object == use.Family && other.Start < use.End);

    private static async Task<IEnumerable<string>> Signatures(History history, string jwks, string issuer)
    {
        var handler = new JsonWebTokenHandler();
        var judge = Judge(jwks, issuer);
        var wrongs = new List<string>();
        foreach (var (hash, jwt) in history.Jwts)
        {
            if (await handler.ValidateTokenAsync(jwt, judge) is { IsValid: false, Exception: var why })
                wrongs.Add($"I8 token {hash} does not verify: {why.GetType().Name}");
        }

        return wrongs;
    }

    public static TokenValidationParameters Judge(string jwks, string issuer) => new()
    {
        IssuerSigningKeys = new JsonWebKeySet(jwks).GetSigningKeys(),
        ValidIssuer = issuer,
        ValidateAudience = false, // the client that got it has compared it
    };
}

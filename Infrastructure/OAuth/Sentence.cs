namespace Signet.Infrastructure.OAuth;

/// <summary>One scope in plain words, and the API that it belongs to (null for Signet itself).</summary>
internal sealed record Sentence(string Scope, string Text, string? Api);

internal static class SentencesExtensions
{
    /// <summary>What a person is asked to allow, wherever they are asked.</summary>
    public static async Task<IReadOnlyList<Sentence>> Sentences(this ClientDirectory directory, string[] scopes, string[] audiences, CancellationToken ct)
    {
        var apis = (await directory.Resources(ct)).Where(api => audiences.Contains(api.Audience)).ToArray();
        return [.. scopes.SelectMany(scope => Scopes.OfSignet.TryGetValue(scope, out var own)
            ? [new Sentence(scope, own, null)]
            : apis.SelectMany(api => api.Scopes.Where(known => known.Name == scope).Select(known => new Sentence(scope, known.Description, api.Name)))),
            .. apis.Where(api => api.Scopes.Count == 0).Select(api => new Sentence("", "Use it for you", api.Name))];
    }
}

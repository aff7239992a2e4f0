using System.Text.Json;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What the settings of an app must satisfy; each objection names the member, as on the wire, and what to do. A feature adds its
/// rules to the table.
/// </summary>
internal sealed class ClientSettingsRules(OutboundClient outbound)
{
    private sealed record Subject(ClientSettings Settings, ClientShape Shape, string[] RedirectUris);

    private sealed record SettingRule(string Member, Func<Subject, string?> Objection);

    private static readonly SettingRule[] Rules =
    [
        new("response_types", app => app.Settings.ResponseTypes is { } types && types.Except(["code"]).Any() ? "response_types may have code alone." : null),
        new("dpop_bound_access_tokens", app => app.Settings is { DpopBoundAccessTokens: true, TlsClientCertificateBoundAccessTokens: true } ? "A token is bound to one key: choose dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens." : null),
        new("subject_type", app => app.Settings.SubjectType is null or "public" or "pairwise" ? null : "subject_type must be public or pairwise."),
        new("sector_identifier_uri", app => app.Settings.SectorIdentifierUri is { } uri && OutboundClient.Objection(uri) is { } objection ? $"sector_identifier_uri {objection}." : null),
        new("sector_identifier_uri", app => app.Settings is { IsPairwise: true, SectorIdentifierUri: null } && app.RedirectUris.Select(Host).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1
            ? "The redirect URIs have more than one host; name a sector_identifier_uri that lists them all (OpenID Connect Registration section 5)."
            : null),
        .. SignedResponses.Members.Select(response => new SettingRule(response.Member, app => response.Value(app.Settings) is { } algorithm && !SignedResponses.Known(app.Settings).Contains(algorithm)
            ? $"{response.Member} must be one of {string.Join(", ", SignedResponses.Known(app.Settings))}."
            : null)),
    ];

    public async Task<List<(string Member, string Message)>> Objections(ClientSettings settings, ClientShape shape, string[] redirectUris, CancellationToken ct)
    {
        var subject = new Subject(settings, shape, redirectUris);
        var objections = new List<(string, string)>();
        foreach (var rule in Rules)
        {
            if (rule.Objection(subject) is { } message)
                objections.Add((rule.Member, message));
        }

        objections.AddRange(EncryptedResponses.Objections(settings));
        // Nobody out there is asked about an app that is refused anyhow.
        if (objections is [] && settings.SectorIdentifierUri is { } sector && await SectorObjection(sector, redirectUris, ct) is { } sectorObjection)
            objections.Add(("sector_identifier_uri", sectorObjection));
        return objections;
    }

    /// <summary>Who may answer for a host says which apps are of its sector (OpenID Connect Registration §5).</summary>
    private async Task<string?> SectorObjection(string uri, string[] redirectUris, CancellationToken ct)
    {
        if (await outbound.GetJson(uri, ct) is not { ValueKind: JsonValueKind.Array } list)
            return "sector_identifier_uri does not answer with a JSON list of redirect URIs.";
        var listed = list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.String).Select(entry => entry.GetString()!).ToHashSet(StringComparer.Ordinal);
        return redirectUris.FirstOrDefault(redirect => !listed.Contains(redirect)) is { } missing ? $"sector_identifier_uri does not list the redirect URI {missing}." : null;
    }

    private static string Host(string uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) ? parsed.Host : "";
}

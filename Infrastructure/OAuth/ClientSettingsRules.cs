namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What the settings of an app must satisfy; each objection names the member, as on the wire, and what to do. A feature adds its
/// rules to the table.
/// </summary>
internal static class ClientSettingsRules
{
    private sealed record Subject(ClientSettings Settings, ClientShape Shape, string[] RedirectUris);

    private sealed record SettingRule(string Member, Func<Subject, string?> Objection);

    private static readonly SettingRule[] Rules =
    [
        new("response_types", app => app.Settings.ResponseTypes is { } types && types.Except(["code"]).Any() ? "response_types may have code alone." : null),
        new("dpop_bound_access_tokens", app => app.Settings is { DpopBoundAccessTokens: true, TlsClientCertificateBoundAccessTokens: true } ? "A token is bound to one key: choose dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens." : null),
    ];

    public static IEnumerable<(string Member, string Message)> Objections(ClientSettings settings, ClientShape shape, string[] redirectUris)
    {
        var subject = new Subject(settings, shape, redirectUris);
        foreach (var rule in Rules)
        {
            if (rule.Objection(subject) is { } message)
                yield return (rule.Member, message);
        }
    }
}

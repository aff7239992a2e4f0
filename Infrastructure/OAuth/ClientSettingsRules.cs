namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What the settings of an app must satisfy; each objection names the member, as on the wire, and what to do. A feature adds its
/// rules to the table.
/// </summary>
internal static class ClientSettingsRules
{
    internal sealed record Subject(ClientSettings Settings, ClientShape Shape, string[] RedirectUris);

    private sealed record SettingRule(string Member, Func<Subject, string?> Objection);

    private static readonly SettingRule[] Rules =
    [
        new("response_types", app => app.Settings.ResponseTypes is { } types && types.Except(["code"]).Any() ? "response_types may have code alone." : null),
        new("jwks", ClientKeyRules.Jwks),
        new("jwks_uri", ClientKeyRules.JwksUri),
        new("token_endpoint_auth_signing_alg", ClientKeyRules.SigningAlgorithm),
        new("token_endpoint_auth_method", ClientKeyRules.CertificateName),
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

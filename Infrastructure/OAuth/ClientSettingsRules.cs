using Signet.Infrastructure.Outbound;

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
        new("backchannel_token_delivery_mode", app => app.Settings.BackchannelTokenDeliveryMode is null or "poll" or "ping" ? null : "backchannel_token_delivery_mode must be poll or ping."),
        new("backchannel_client_notification_endpoint", app => (app.Settings.BackchannelClientNotificationEndpoint, app.Settings.BackchannelTokenDeliveryMode) switch
        {
            (null, "ping") => "backchannel_client_notification_endpoint is missing: give the https address that is told of a decision, or choose poll.",
            ({ } uri, _) when OutboundClient.Objection(uri) is { } objection => $"backchannel_client_notification_endpoint {objection}.",
            _ => null,
        }),
        new("backchannel_authentication_request_signing_alg", app => app.Settings.BackchannelAuthenticationRequestSigningAlg is null ? null : "Signed authentication requests are not supported; leave backchannel_authentication_request_signing_alg out."),
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

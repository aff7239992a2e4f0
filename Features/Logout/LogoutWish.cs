using System.Text.Encodings.Web;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Features;

/// <summary>What an app asks for when it sends a person to sign out (OpenID Connect RP-Initiated Logout §2), as far as it is believed.</summary>
internal sealed record LogoutWish
{
    public string? ClientId { get; init; }
    public string? ClientName { get; init; }

    /// <summary>True where an ID token of ours says which app asks, and of whom.</summary>
    public bool IsProven { get; init; }

    /// <summary>Whom and which session the ID token was about.</summary>
    public string? Subject { get; init; }
    public string? SessionId { get; init; }

    /// <summary>Where to go on to; a registered address of the app, or null.</summary>
    public string? RedirectUri { get; init; }
    public string? State { get; init; }

    /// <summary>True where the app asked for an address that is not to be gone to.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>The whole address, with the state and nothing else (§3).</summary>
    public string? Target => RedirectUri is not { } uri || State is not { } state
        ? RedirectUri
        : $"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}state={Uri.EscapeDataString(state)}";
}

/// <summary>Reads what apps ask for, and carries it sealed over the pages on the way.</summary>
internal sealed class LogoutWishes(ClientDirectory directory, TokenReader tokens, TimedSeal seals)
{
    public const string Parameter = "asked";
    private const string Purpose = "logout";
    private static readonly JsonSerializerOptions Short = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // it travels sealed in a query

    /// <summary>The wish, or why the request is none, in a sentence for the person.</summary>
    public async Task<(LogoutWish? Wish, string? Objection)> Read(Parameters parameters, CancellationToken ct)
    {
        if (parameters.Repeated is not null)
            return (null, "The app sent a parameter twice that may come once.");
        if (parameters[Parameter] is { } carried)
            return (Open(carried) ?? new LogoutWish(), null);
        if (parameters.HasTooLongState)
            return (null, $"The app sent a state of more than {Parameters.LongestState} characters.");
        var hint = parameters["id_token_hint"] is { } text ? await tokens.ReadSigned(text, TokenWriter.IdTokenType, SigningAlgorithms.All, mayBeExpired: true, ct) : null;
        var hinted = hint?["sub"] is null ? null : hint["azp"] ?? (hint.Audiences is [var audience] ? audience : null);
        var asked = parameters["client_id"];
        if (hinted is not null && asked is not null && asked != hinted)
            return (null, "The app says that it is another one (client_id) than its ID token (id_token_hint) was made for.");
        // Who brings an ID token that is not ours is believed nothing else either.
        var clientId = parameters["id_token_hint"] is not null ? hinted : asked;
        var client = clientId is null ? null : await directory.Find(clientId, ct);
        if (client is not { DisabledAt: null })
            return (new LogoutWish { IsElsewhere = parameters["post_logout_redirect_uri"] is not null }, null);
        var uri = parameters["post_logout_redirect_uri"];
        var isRegistered = uri is not null && client.PostLogoutRedirectUris.Contains(uri, StringComparer.Ordinal);
        return (new LogoutWish
        {
            ClientId = client.Id,
            ClientName = client.Name,
            IsProven = hinted is not null,
            Subject = hint?["sub"],
            SessionId = hint?["sid"],
            RedirectUri = isRegistered ? uri : null,
            State = isRegistered ? parameters["state"] : null,
            IsElsewhere = uri is not null && !isRegistered,
        }, null);
    }

    public string Seal(LogoutWish wish) => $"{Parameter}={Uri.EscapeDataString(seals.SealForLink(Purpose, JsonSerializer.Serialize(wish, Short)))}";

    /// <summary>Null for nothing, for what is not ours, and for what is too old.</summary>
    public LogoutWish? Open(string? carried) => seals.OpenFromLink(Purpose, carried) is { } json ? JsonSerializer.Deserialize<LogoutWish>(json, Short) : null;
}

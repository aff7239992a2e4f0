namespace Signet.Infrastructure.OAuth;

/// <summary>What carries an answer back to the app.</summary>
internal enum Carrier { Query, Fragment, Form }

/// <summary>
/// How an answer travels back: in the query or the fragment of the redirect (OAuth 2.0 Multiple Response Types §2.1), in a form
/// (Form Post Response Mode §2), and by any of them as one signed JWT (JARM §2.3).
/// </summary>
internal sealed record ResponseMode(Carrier Carrier, bool IsJwt)
{
    /// <summary>Those whose answers are signed.</summary>
    public static readonly string[] Signed = ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

    /// <summary>In the order in which one is taken where a request names none.</summary>
    public static readonly string[] All = ["query", "fragment", "form_post", .. Signed];

    /// <summary>Those that an app may use: the ones that it registered (FAPI 2.0 Message Signing §5.3.3), and signed ones alone where its profile says so.</summary>
    public static string[] AllowedTo(ClientSettings settings) =>
        [.. All.Where(mode => settings.ResponseModes?.Contains(mode) != false && (!settings.MustSignAnswers || Signed.Contains(mode)))];

    /// <summary>The mode of that name, or the first that fits where none is named; null for one that this app may not use.</summary>
    public static ResponseMode? Of(string? name, bool isHybrid, ClientSettings settings)
    {
        var allowed = AllowedTo(settings);
        return name is null
            ? allowed.Select(mode => Named(mode, isHybrid)).FirstOrDefault(mode => mode is not null)
            : allowed.Contains(name) ? Named(name, isHybrid) : null;
    }

    /// <summary>For a refusal whose request has no mode that can be used.</summary>
    public static ResponseMode Default(bool isHybrid, ClientSettings settings) =>
        Of(null, isHybrid, settings) ?? new(isHybrid ? Carrier.Fragment : Carrier.Query, settings.MustSignAnswers);

    // Null where the mode would write an ID token into a query (Multiple Response Types §5, JARM §2.3.1).
    private static ResponseMode? Named(string name, bool isHybrid) => name switch
    {
        "query" or "query.jwt" when isHybrid => null,
        "query" => new(Carrier.Query, IsJwt: false),
        "query.jwt" => new(Carrier.Query, IsJwt: true),
        "fragment" => new(Carrier.Fragment, IsJwt: false),
        "fragment.jwt" => new(Carrier.Fragment, IsJwt: true),
        "form_post" => new(Carrier.Form, IsJwt: false),
        "form_post.jwt" => new(Carrier.Form, IsJwt: true),
        "jwt" => new(isHybrid ? Carrier.Fragment : Carrier.Query, IsJwt: true),
        _ => null,
    };
}

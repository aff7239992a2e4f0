namespace Signet.Features;

/// <summary>What carries an answer back to the app.</summary>
internal enum Carrier { Query, Fragment, Form }

/// <summary>
/// How an answer travels back: in the query or the fragment of the redirect (OAuth 2.0 Multiple Response Types §2.1), in a form
/// (Form Post Response Mode §2), and by any of them as one signed JWT (JARM §2.3).
/// </summary>
internal sealed record ResponseMode(Carrier Carrier, bool IsJwt)
{
    public static readonly string[] All = ["query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

    public static ResponseMode Default(bool isHybrid) => new(isHybrid ? Carrier.Fragment : Carrier.Query, IsJwt: false);

    /// <summary>The mode of that name; null where there is none, or where it would write an ID token into a query (Multiple Response Types §5, JARM §2.3.1).</summary>
    public static ResponseMode? Of(string? name, bool isHybrid) => name switch
    {
        null => Default(isHybrid),
        "jwt" => Default(isHybrid) with { IsJwt = true },
        "query" or "query.jwt" when isHybrid => null,
        "query" => new(Carrier.Query, IsJwt: false),
        "query.jwt" => new(Carrier.Query, IsJwt: true),
        "fragment" => new(Carrier.Fragment, IsJwt: false),
        "fragment.jwt" => new(Carrier.Fragment, IsJwt: true),
        "form_post" => new(Carrier.Form, IsJwt: false),
        "form_post.jwt" => new(Carrier.Form, IsJwt: true),
        _ => null,
    };
}

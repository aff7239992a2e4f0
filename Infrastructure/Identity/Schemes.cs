namespace Signet.Infrastructure.Identity;

/// <summary>The ways in which a request can say who it is from.</summary>
internal static class Schemes
{
    /// <summary>A signed-in person: a cookie that names a row in <c>sessions</c>.</summary>
    public const string Session = "Session";

    /// <summary>A person who has passed the first factor only: a sealed cookie of ten minutes that opens nothing but the second step.</summary>
    public const string Pending = "Pending";

    /// <summary>What an external provider said, until the sign-in is decided.</summary>
    public const string External = "External";

    /// <summary>An access token or personal token of ours, for the management API.</summary>
    public const string Bearer = "Bearer";
}

internal static class Policies
{
    /// <summary>A signed-in administrator.</summary>
    public const string Admin = "admin";
}

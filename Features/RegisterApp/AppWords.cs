namespace Signet.Features;

/// <summary>What pages call the things of an app.</summary>
internal static class AppWords
{
    public static string Words(this ClientKind kind) => kind switch
    {
        ClientKind.Web => "Web app",
        ClientKind.SinglePage => "Single-page app",
        ClientKind.Native => "Mobile or desktop app",
        ClientKind.Machine => "Machine to machine",
        _ => "API",
    };

    /// <summary>Where an app that nobody here registered came from.</summary>
    public static string Came(this ShowApp.App app) => app switch
    {
        { Origin: ClientOrigin.Document } => "Described itself by the document at its address",
        { Registration.With: { } token } => $"Registered itself with the token “{token}”",
        _ => "Registered itself without a token",
    };

    public static string Words(this TokenFormat format) => format == TokenFormat.Jwt ? "JWT" : "Opaque";
}

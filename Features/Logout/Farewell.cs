using System.Text.Json;

namespace Signet.Features;

/// <summary>What is left to do in a browser once its session has ended.</summary>
internal sealed record Farewell
{
    /// <summary>The session, where one has ended.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>The apps whose page has to be opened, so that it clears what it keeps in this browser (Front-Channel Logout §2).</summary>
    public string[] ClientIds { get; init; } = [];
    public string? ClientName { get; init; }
    public string? Target { get; init; }

    /// <summary>False where the person has to choose to go on: nothing proves that the app asked.</summary>
    public bool GoesOn { get; init; }
    public bool IsElsewhere { get; init; }

    public bool IsPlain => ClientIds is [] && Target is null && !IsElsewhere;

    public static Farewell Of(LogoutWish? wish, bool goesOn) => new()
    {
        ClientName = wish?.ClientName,
        Target = wish?.Target,
        GoesOn = goesOn && wish?.Target is not null,
        IsElsewhere = wish?.IsElsewhere == true,
    };
}

/// <summary>Where a farewell leads: on at once, or over the page that opens the apps' pages.</summary>
internal sealed class Farewells(TimedSeal seals)
{
    public const string Page = "/logout/done";
    private const string Purpose = "farewell";

    public string Next(Farewell farewell) => farewell switch
    {
        { ClientIds: [], GoesOn: true, Target: { } target } => target,
        { IsPlain: true } => Page,
        _ => $"{Page}?farewell={Uri.EscapeDataString(seals.SealForLink(Purpose, JsonSerializer.Serialize(farewell)))}",
    };

    public Farewell? Open(string? carried) => seals.OpenFromLink(Purpose, carried) is { } json ? JsonSerializer.Deserialize<Farewell>(json) : null;
}

namespace Signet.Infrastructure.Data;

internal enum LogoutStatus { Waiting, Delivered, Failed }

/// <summary>
/// That an app is to be told of the end of a session (OpenID Connect Back-Channel Logout §2.5), and what came of it.
/// One for each app and session, however often and by whatever the session is ended.
/// </summary>
internal sealed class LogoutDelivery
{
    public required Guid Id { get; init; }
    public required string ClientId { get; init; }
    public required Guid SessionId { get; init; }
    public required Guid UserId { get; init; }
    public LogoutStatus Status { get; set; }

    /// <summary>How often it was begun. A try is one only if nobody else began the same one.</summary>
    public int Tries { get; set; }

    /// <summary>What the last try failed of, in a word for administrators.</summary>
    public string? LastError { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next try is due, while it waits.</summary>
    public required DateTimeOffset NextTryAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
}

using System.Text;

namespace Signet.Infrastructure.Audit;

/// <summary>A request that changes state says here what the audit trail keeps of each of its endings; null for nothing.</summary>
internal interface IAudited<in TResult>
{
    AuditEntry? Audit(TResult result);
}

/// <summary>One line of the trail. <paramref name="Subject"/> is <c>kind:id</c>; nothing in it is secret.</summary>
internal sealed record AuditEntry(string Action, string Subject, Guid? UserId = null, string? Detail = null, string? Reason = null)
{
    /// <summary>Who did it, where that is not whoever asks, by whose request it only came to light.</summary>
    public string? Actor { get; init; }
}

/// <summary>Writes what happened, by whom and from where, to the append-only table and to the log.</summary>
internal sealed partial class AuditTrail(AppDbContext db, Caller caller, TimeProvider time, ILogger<AuditTrail> log)
{
    private const int Longest = 512;

    public async Task Record(AuditEntry entry, CancellationToken ct)
    {
        var row = new AuditEvent
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            At = time.GetUtcNow(),
            Action = entry.Action,
            Actor = entry.Actor ?? caller.Actor,
            Subject = Clean(entry.Subject)!,
            UserId = entry.UserId,
            IpAddress = entry.Actor is null ? caller.IpAddress : null,
            Detail = Clean(entry.Detail),
            Reason = Clean(entry.Reason),
        };
        await db.InsertIfAbsent(row, ct);
        Happened(row.Action, row.Actor, row.Subject, row.Id);
    }

    // One line, bounded, of whole characters: what a caller chose must not forge a second entry, nor turn this one around.
    private static string? Clean(string? text)
    {
        if (text is null)
            return null;
        var clean = new StringBuilder(Math.Min(text.Length, Longest));
        foreach (var rune in text.EnumerateRunes().Where(DisplayName.IsVisible))
        {
            if (clean.Length + rune.Utf16SequenceLength > Longest)
                break;
            clean.Append(rune);
        }

        return clean.ToString();
    }

    [LoggerMessage(1, LogLevel.Information, "audit: {Action} by {Actor} on {Subject} ({EventId})")]
    private partial void Happened(string action, string actor, string subject, Guid eventId);
}

/// <summary>Records the state changes of slices that describe themselves (<see cref="IAudited{TResult}"/>).</summary>
internal sealed class AuditBehaviour<TRequest, TResponse>(AuditTrail trail) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var response = await next();
        // What was done stays done when the caller hangs up, and so does its entry.
        if (request is IAudited<TResponse> audited && audited.Audit(response) is { } entry)
            await trail.Record(entry, CancellationToken.None);
        return response;
    }
}

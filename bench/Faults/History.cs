using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Faults;

/// <summary>What one request did, in the run's own time.</summary>
/// <param name="Object">The hash of what was presented: a code, a refresh token, an access token.</param>
/// <param name="Family">The authorization or token whose end ends this too.</param>
/// <param name="Status">The HTTP status; 0 where the connection failed.</param>
/// <param name="Detail">The OAuth error, or the hash of what was issued.</param>
/// <param name="Doubtful">True where the same object had been sent before without an answer: a refusal may then be the truth.</param>
internal sealed record Operation(
    TimeSpan Start, TimeSpan End, int Node, string Name, string Object, string Family, int Status, string Detail, bool Succeeded, bool HasRetryAfter, bool Doubtful)
{
    public TimeSpan Took => End - Start;
}

/// <summary>Everything that was asked and answered in one run.</summary>
internal sealed class History
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly ConcurrentQueue<Operation> operations = new();
    private readonly ConcurrentQueue<string> wrongs = new();
    private readonly ConcurrentDictionary<string, string> jwts = new();

    public TimeSpan Now => clock.Elapsed;
    public Operation[] Operations => [.. operations];
    public string[] Wrongs => [.. wrongs];

    /// <summary>Self-contained tokens by their hash.</summary>
    public IReadOnlyDictionary<string, string> Jwts => jwts;

    public void Add(Operation operation) => operations.Enqueue(operation);

    /// <summary>An invariant that was seen broken on the spot.</summary>
    public void Wrong(string what) => wrongs.Enqueue(what);

    public void Keep(string jwt) => jwts[Hash(jwt)] = jwt;

    public static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 8);
}

namespace Signet.Infrastructure.OAuth;

/// <summary>One thing that a request must satisfy, named in words: the name is the log line and the documentation.</summary>
internal sealed record Rule<T>(string Name, Func<T, OAuthError?> Check);

internal static class RuleExtensions
{
    /// <summary>Asks the rules in order; the first that objects decides.</summary>
    public static OAuthError? FirstObjection<T>(this Rule<T>[] rules, T subject)
    {
        foreach (var rule in rules)
        {
            if (rule.Check(subject) is { } error)
                return error.Reason is null ? error.Because(rule.Name) : error;
        }

        return null;
    }
}

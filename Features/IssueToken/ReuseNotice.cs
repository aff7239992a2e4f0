using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>What a person is told when something that works once was presented twice: somebody else may hold what their app holds (RFC 9700 §4.14.2).</summary>
internal static class ReuseNotice
{
    public static Task TellOfReuse(this Notices notices, Guid userId, string app) => notices.Tell(
        userId,
        $"We ended the access of {app} to your account",
        $"A token of the app {app} was used a second time. Either the app made a mistake, or somebody has copied the token, so we ended the app's access at once. Nothing that came of it works any more.",
        $"To go on, sign in to {app} again. If you did not use {app} at that time, look here at which apps have access, and end those that you do not know:",
        "/account/apps");
}

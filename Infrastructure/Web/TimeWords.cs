using System.Globalization;

namespace Signet.Infrastructure.Web;

/// <summary>How pages write times: in one form, which says that it is UTC.</summary>
internal static class TimeWords
{
    public static string Words(this DateTimeOffset time) => time.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Words(this DateTimeOffset? time, string otherwise) => time?.Words() ?? otherwise;

    /// <summary>Where the seconds tell what came first.</summary>
    public static string Exactly(this DateTimeOffset time) => time.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Where the hour does not matter.</summary>
    public static string Day(this DateTimeOffset time) => time.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}

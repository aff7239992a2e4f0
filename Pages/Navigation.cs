namespace Signet.Pages;

/// <summary>Where the links of the top navigation and of each section's tabs lead, and which of them is the page shown.</summary>
internal static class Navigation
{
    public sealed record Place(string Label, string Path);

    public static readonly Place Account = new("Account", "/account");
    public static readonly Place Apps = new("Apps", "/apps");
    public static readonly Place Admin = new("Admin", "/admin");

    private static readonly Place[] AccountTabs =
    [
        new("Overview", "/account"),
        new("Sign-in methods", "/account/logins"),
        new("Two-step sign-in", "/account/two-factor"),
        new("Connected apps", "/account/apps"),
        new("Approvals", "/account/approvals"),
        new("Access tokens", "/account/tokens"),
        new("Sessions", "/account/sessions"),
    ];

    private static readonly Place[] AdminTabs =
    [
        new("Overview", "/admin"),
        new("Users", "/admin/users"),
        new("Apps", "/admin/apps"),
        new("APIs", "/admin/apis"),
        new("Tokens", "/admin/tokens"),
        new("Keys", "/admin/keys"),
        new("Audit", "/admin/audit"),
        new("Jobs", "/admin/jobs"),
    ];

    public static IEnumerable<Place> Sections(bool isAdmin) => isAdmin ? [Account, Apps, Admin] : [Account, Apps];

    /// <summary>The tabs of the section that a path is in; none where a section is one page.</summary>
    public static Place[] Tabs(PathString path) =>
        IsIn(Account, path) ? AccountTabs : IsIn(Admin, path) ? AdminTabs : [];

    public static bool IsIn(Place place, PathString path) => path.StartsWithSegments(place.Path);

    /// <summary>The longest of the tabs' paths that the path lies under.</summary>
    public static Place? Current(Place[] tabs, PathString path) =>
        tabs.Where(tab => IsIn(tab, path)).MaxBy(tab => tab.Path.Length);
}

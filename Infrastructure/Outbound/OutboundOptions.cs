namespace Signet.Infrastructure.Outbound;

/// <summary>The section <c>Signet:Outbound</c>: what Signet may reach when an app's metadata names an address.</summary>
internal sealed class OutboundOptions
{
    /// <summary>Lets addresses of loopback, private and link-local networks be reached: for an installation whose apps all live inside.</summary>
    public bool AllowPrivateNetworks { get; init; }

    /// <summary>A PEM file with certificate authorities that are trusted besides the system's.</summary>
    public string? CertificateAuthorities { get; init; }

    // How long an answer may take in all. No setting, and so not public: tests alone need another.
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);
}

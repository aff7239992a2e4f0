namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>A device gets the tokens that a person allowed it in a browser (RFC 8628 §3.4).</summary>
    internal sealed class DeviceCodeGrant(Polling polling) : IGrant
    {
        public Task<Result> Issue(Request request, CancellationToken ct) => polling.Answer(request, GrantTypes.DeviceCode, "device_code", OpaqueValue.DeviceCode, ct);
    }
}

using System.Net;
using IceTool.Turn;
using Turn;

namespace CoturnInterop;

/// <summary>One allocation of both families.</summary>
internal static class DualCases
{
    public static IEnumerable<InteropCase> Of(Servers servers, TestCertificates certificates) =>
        from path in (TurnPath[])[TurnPath.Udp, TurnPath.Tcp]
        select new InteropCase(
            $"an allocation of IPv4 and IPv6 over {RelayCases.PathName(path)}",
            servers.Passwords,
            context => RunAsync(context, servers.Passwords.At(IPAddress.Loopback, path, certificates.Trusted)));

    private static async Task<string?> RunAsync(CaseContext context, TurnEndpoint endpoint)
    {
        await using TurnSession session = await TurnSession.AllocateAsync(endpoint, context.Options(TurnRelayFamily.Both), context.Cancellation);
        Check.That(!session.Allocation.IPv4.IsNone, "there is no relayed IPv4 address");
        using var ipv4 = new PeerSocket(IPAddress.Loopback);
        await session.PermitAsync(ipv4.Address, context.Cancellation);
        await ipv4.TalkAsync(session, "over IPv4", context.Cancellation);
        bool both = !session.Allocation.IPv6.IsNone;
        await session.CloseAsync(context.Cancellation);
        return both ? "both came" : "the IPv4 relay alone came: this coturn knows ADDITIONAL-ADDRESS-FAMILY by its draft's number, not by RFC 8656's";
    }
}

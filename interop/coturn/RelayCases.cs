using System.Net;
using IceTool.Turn;
using Stun;
using Turn;

namespace CoturnInterop;

/// <summary>The life of an allocation: every transport, both families, both kinds of credentials.</summary>
internal static class RelayCases
{
    private const string StaleNonce = "error 438";

    // coturn counts in whole seconds: a nonce of 2 s is stale after 3 at the latest.
    private static readonly TimeSpan s_untilStale = TimeSpan.FromSeconds(3.2);

    public static IEnumerable<InteropCase> Of(Servers servers, TestCertificates certificates) =>
        from path in Enum.GetValues<TurnPath>()
        from address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback]
        from server in (Coturn[])[servers.Passwords, servers.Rest]
        let credentials = server == servers.Rest ? "a shared secret's credential" : "a password"
        select new InteropCase(
            $"relay over {PathName(path)}, {FamilyName(address)}, {credentials}: Send indications, a channel, a refresh, two stale nonces, close",
            server,
            context => RunAsync(context, server.At(address, path, certificates.Trusted)));

    public static string PathName(TurnPath path) => path switch { TurnPath.Udp => "UDP", TurnPath.Tcp => "TCP", _ => "TLS" };

    public static string FamilyName(IPAddress address) => address.Equals(IPAddress.Loopback) ? "IPv4" : "IPv6";

    private static async Task<string?> RunAsync(CaseContext context, TurnEndpoint endpoint)
    {
        CancellationToken cancellation = context.Cancellation;
        IPAddress address = endpoint.Address.Address;
        bool ipv4 = endpoint.Server.IsIPv4;
        using var first = new PeerSocket(address);
        using var second = new PeerSocket(address);
        await using TurnSession session = await TurnSession.AllocateAsync(endpoint, context.Options(ipv4 ? TurnRelayFamily.IPv4 : TurnRelayFamily.IPv6), cancellation);
        Check.Equal(ipv4, session.Relayed.IsIPv4, "whether the relayed address is IPv4");
        Check.Equal(Addresses.Of(session.Local), session.Allocation.Mapped, "the client's address as the server sees it");

        await session.PermitAsync(first.Address, cancellation);
        if (ipv4)
            await SendWithoutPermissionAsync(session, cancellation);
        await first.TalkAsync(session, "by indications", cancellation);
        ushort channel = await session.BindAsync(first.Address, cancellation);
        Check.That(session.Do((client, _) => client.TryGetChannel(first.Address, out ushort number) && number == channel), "the channel is not in use");
        await first.TalkAsync(session, "on a channel", cancellation);

        // The allocation of 8 s is refreshed after 4, with a nonce that is stale by then.
        _ = await session.ExpectAsync<TurnClientEvent.Refreshed>(cancellation);
        Check.That(await context.LogHasAsync(StaleNonce, 1), "the refresh met no stale nonce: coturn's --stale-nonce did not show");
        await first.TalkAsync(session, "after the refresh", cancellation);
        int before = context.LogCount(StaleNonce);
        await Task.Delay(s_untilStale, cancellation);
        _ = await session.BindAsync(second.Address, cancellation);
        Check.That(await context.LogHasAsync(StaleNonce, before + 1), "the second channel met no stale nonce");
        await second.TalkAsync(session, "on a second channel", cancellation);
        await first.TalkAsync(session, "on the first channel again", cancellation);

        await session.CloseAsync(cancellation);
        Check.That(await context.LogHasAsync("lifetime=0", 1), "coturn did not delete the allocation");
        return null;
    }

    // The permission is for 127.0.0.1: what comes from 127.0.0.2 has to be dropped. What comes after it shows that it was.
    private static async Task SendWithoutPermissionAsync(TurnSession session, CancellationToken cancellation)
    {
        using var stranger = new PeerSocket(IPAddress.Parse("127.0.0.2"));
        await stranger.SendAsync(session.Relayed, "without permission"u8.ToArray(), cancellation);
    }
}

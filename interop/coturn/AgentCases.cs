using System.Diagnostics;
using Ice;

namespace CoturnInterop;

/// <summary>Two agents that may use nothing but relayed candidates.</summary>
internal static class AgentCases
{
    public static IEnumerable<InteropCase> Of(Servers servers, TestCertificates certificates)
    {
        Coturn passwords = servers.Passwords;
        return
        [
            Case("UDP, IPv4, a password", passwords, certificates, $"turn:127.0.0.1:{passwords.Port}"),
            Case("UDP, IPv6, a password", passwords, certificates, $"turn:[::1]:{passwords.Port}"),
            Case("UDP, IPv4, a shared secret's credential", servers.Rest, certificates, $"turn:127.0.0.1:{servers.Rest.Port}"),
            Case("TCP, IPv4, a password", passwords, certificates, $"turn:127.0.0.1:{passwords.Port}?transport=tcp"),
            Case("TCP, IPv6, a password", passwords, certificates, $"turn:[::1]:{passwords.Port}?transport=tcp"),
            Case("TLS, IPv4, a password", passwords, certificates, $"turns:127.0.0.1:{passwords.Port}"),
            Case("TLS, IPv6, a shared secret's credential", servers.Rest, certificates, $"turns:[::1]:{servers.Rest.Port}"),
            BlockedCase("TCP", servers.StreamsOnly, certificates, $"turn:127.0.0.1:{servers.StreamsOnly.Port}?transport=tcp"),
            BlockedCase("TLS", servers.StreamsOnly, certificates, $"turns:127.0.0.1:{servers.StreamsOnly.Port}"),
        ];
    }

    private static InteropCase Case(string name, Coturn server, TestCertificates certificates, params string[] urls) =>
        new($"two agents through relays only, {name}", server, context => RunAsync(context, certificates, urls));

    // What goes to the server over UDP is swallowed, as a firewall does that says nothing.
    private static InteropCase BlockedCase(string name, Coturn server, TestCertificates certificates, string url) =>
        new($"two agents through relays only, UDP to the server blocked, {name} not", server, context => RunBlockedAsync(context, certificates, url));

    private static async Task<string?> RunBlockedAsync(CaseContext context, TestCertificates certificates, string url)
    {
        int swallowed = context.Server.Swallowed;
        string? remark = await RunAsync(context, certificates, $"turn:127.0.0.1:{context.Server.Port}?transport=udp", url);
        Check.That(context.Server.Swallowed > swallowed, "nothing was sent over UDP: its being blocked did not show");
        return remark;
    }

    private static async Task<string?> RunAsync(CaseContext context, TestCertificates certificates, params string[] urls)
    {
        CancellationToken cancellation = context.Cancellation;
        await using IceAgent offerer = Make(context, certificates, urls, IceRole.Controlling);
        await using IceAgent answerer = Make(context, certificates, urls, IceRole.Controlled);
        offerer.SetRemoteParameters(answerer.LocalParameters);
        answerer.SetRemoteParameters(offerer.LocalParameters);
        var clock = Stopwatch.StartNew();
        Task signaling = Task.WhenAll(SignalAsync(offerer, answerer, cancellation), SignalAsync(answerer, offerer, cancellation));
        Task connecting = Task.WhenAll(offerer.ConnectAsync(cancellation), answerer.ConnectAsync(cancellation));
        if (await Task.WhenAny(connecting, signaling) == signaling)
            await signaling;
        await connecting;
        long connected = clock.ElapsedMilliseconds;
        await SendAsync(offerer, answerer, "from the offerer"u8.ToArray(), cancellation);
        await SendAsync(answerer, offerer, "from the answerer"u8.ToArray(), cancellation);
        foreach (IceAgent agent in (IceAgent[])[offerer, answerer])
            Check.Equal(IceCandidateType.Relayed, agent.SelectedPair!.Local.Type, "the type of the selected local candidate");
        Check.That(await context.LogHasAsync("ALLOCATE processed, success", 2), "coturn saw fewer than two allocations");
        await signaling;
        return $"connected after {connected} ms";
    }

    private static IceAgent Make(CaseContext context, TestCertificates certificates, string[] urls, IceRole role)
    {
        (string username, string password) = context.Server.TextCredentialOf(context.User);
        return new IceAgent(new IceAgentOptions
        {
            Role = role,
            Policy = IceTransportPolicy.Relay,
            IncludeLoopback = true,
            Servers = [new IceServer(urls, username, password) { TrustedRoots = certificates.Trusted }],
        });
    }

    private static async Task SignalAsync(IceAgent from, IceAgent to, CancellationToken cancellation)
    {
        int candidates = 0;
        await foreach (IceCandidate candidate in from.GatherAsync(cancellation))
        {
            Check.Equal(IceCandidateType.Relayed, candidate.Type, "the type of a candidate under the policy Relay");
            to.AddRemoteCandidate(candidate);
            candidates++;
        }

        Check.That(candidates > 0, "no relayed candidate was gathered");
        to.AddRemoteCandidate("end-of-candidates");
    }

    private static async Task SendAsync(IceAgent from, IceAgent to, byte[] data, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1500];
        await from.SendAsync(data, cancellation);
        IceReceiveResult received = await to.ReceiveAsync(buffer, cancellation);
        Check.SameBytes(data, buffer.AsMemory(0, received.Length), "what came through");
    }
}

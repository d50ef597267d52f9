using Ice;

namespace CoturnInterop;

/// <summary>Two agents that may use nothing but relayed candidates.</summary>
internal static class AgentCases
{
    public static IEnumerable<InteropCase> Of(Servers servers) =>
    [
        Case("UDP, IPv4, a password", servers.Passwords, $"turn:127.0.0.1:{servers.Passwords.Port}"),
        Case("UDP, IPv6, a password", servers.Passwords, $"turn:[::1]:{servers.Passwords.Port}"),
        Case("UDP, IPv4, a shared secret's credential", servers.Rest, $"turn:127.0.0.1:{servers.Rest.Port}"),
    ];

    private static InteropCase Case(string name, Coturn server, params string[] urls) =>
        new($"two agents through relays only, {name}", server, context => RunAsync(context, urls));

    private static async Task<string?> RunAsync(CaseContext context, string[] urls)
    {
        CancellationToken cancellation = context.Cancellation;
        await using IceAgent offerer = Make(context, urls, IceRole.Controlling);
        await using IceAgent answerer = Make(context, urls, IceRole.Controlled);
        offerer.SetRemoteParameters(answerer.LocalParameters);
        answerer.SetRemoteParameters(offerer.LocalParameters);
        await Task.WhenAll(SignalAsync(offerer, answerer, cancellation), SignalAsync(answerer, offerer, cancellation));
        await Task.WhenAll(offerer.ConnectAsync(cancellation), answerer.ConnectAsync(cancellation));
        await SendAsync(offerer, answerer, "from the offerer"u8.ToArray(), cancellation);
        await SendAsync(answerer, offerer, "from the answerer"u8.ToArray(), cancellation);
        foreach (IceAgent agent in (IceAgent[])[offerer, answerer])
            Check.Equal(IceCandidateType.Relayed, agent.SelectedPair!.Local.Type, "the type of the selected local candidate");
        Check.That(context.Server.LogOf(context.User).Count(l => l.Contains("ALLOCATE processed, success", StringComparison.Ordinal)) >= 2, "coturn saw fewer than two allocations");
        return null;
    }

    private static IceAgent Make(CaseContext context, string[] urls, IceRole role)
    {
        (string username, string password) = context.Server.TextCredentialOf(context.User);
        return new IceAgent(new IceAgentOptions
        {
            Role = role,
            Policy = IceTransportPolicy.Relay,
            IncludeLoopback = true,
            Servers = [new IceServer(urls, username, password)],
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

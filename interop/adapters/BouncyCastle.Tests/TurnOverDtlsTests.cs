using Ice.Testing;

namespace Ice.BouncyCastle.Tests;

/// <summary>Agents whose TURN server is coturn, over DTLS.</summary>
internal sealed class TurnOverDtlsTests
{
    [Test]
    [Rfc(7350, "4.6")]
    public async Task Two_agents_connect_through_relays_alone_and_the_server_is_left_without_an_allocation()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        int before = Sockets();
        await using (AgentPair agents = await AgentPair.ConnectedAsync(options => Coturn.RelayOnly(options, coturn.OverDtls())))
        {
            foreach (IceAgent agent in (IceAgent[])[agents.Left, agents.Right])
            {
                Assert.That(agent.SelectedPair!.Local.Type, Is.EqualTo(IceCandidateType.Relayed));
                Assert.That(agent.LocalCandidates, Has.Count.EqualTo(1));
            }

            for (int length = 0; length < 2000; length += 333)
            {
                await CarryAsync(agents.Left, agents.Right, length);
                await CarryAsync(agents.Right, agents.Left, length + 1);
            }

            await coturn.Process.PrintedAsync("ALLOCATE processed, success", times: 2);
            await coturn.Process.PrintedAsync("DTLS", times: 1);
        }

        // Each agent gives its allocation back and says goodbye.
        await coturn.Process.PrintedAsync("REFRESH processed, success", times: 2);
        await coturn.Process.PrintedAsync("closed", times: 2);
        await AgentPair.EventuallyAsync(() => Sockets() <= before);
    }

    [Test]
    [Rfc(5764, "4")]
    public async Task DTLS_between_the_agents_runs_through_relays_over_DTLS()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        await using AgentPair agents = await AgentPair.ConnectedAsync(options => Coturn.RelayOnly(options, coturn.OverDtls()));
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents);

        Assert.That(await DtlsPair.CarryAsync(dtls.Left, dtls.Right, [1, 2, 3]), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(dtls.Client.Keys, Is.EqualTo(dtls.Server.Keys));
    }

    [Test]
    [Rfc(7350, "3")]
    public async Task Requests_that_are_lost_are_sent_again()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        LosingSecurity security = new();
        await using IceAgent agent = new(Coturn.RelayOnly(AgentPair.Options(IceRole.Controlling), coturn.OverDtls()) with { DatagramSecurity = security });
        Assert.That(await AgentPair.GatherAsync(agent), Has.Length.EqualTo(1));
        Assert.That(security.Pipe!.SentSizes, Has.Count.AtLeast(4), "the Allocate without and that with credentials, each lost once");
    }

    [Test]
    public async Task A_certificate_of_an_unknown_authority_is_refused_and_the_reason_says_what_to_set()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        Assert.That(await FailureAsync(coturn.Mistrusted()), Does.Contain("IceServer.TrustedRoots").And.Contain("IceServer.CertificateValidation"));
    }

    [Test]
    public async Task A_certificate_for_another_name_is_refused_even_when_its_authority_is_trusted()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        Assert.That(await FailureAsync(coturn.OverDtls("other.example.org")), Does.Contain("not for 'other.example.org' but for 'CN=localhost'"));
    }

    [Test]
    public async Task The_application_may_decide_about_a_certificate_itself()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        Assert.That(await FailureAsync(coturn.OverDtls() with { CertificateValidation = static (_, _, _, _) => false }), Does.Contain("IceServer.CertificateValidation"));
        await using IceAgent agent = new(Coturn.RelayOnly(
            AgentPair.Options(IceRole.Controlling),
            coturn.Mistrusted() with { CertificateValidation = static (_, certificate, _, _) => certificate!.Subject == "CN=localhost" }));
        Assert.That(await AgentPair.GatherAsync(agent), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_wrong_password_is_reported()
    {
        await using Coturn coturn = await Coturn.StartAsync();
        IceServer server = coturn.OverDtls();
        Assert.That(await FailureAsync(new IceServer(server.Urls, "alice", "wrong") { TrustedRoots = server.TrustedRoots }), Does.Contain("does not take the credentials"));
    }

    [Test]
    public async Task A_server_without_DTLS_is_reported_with_what_to_ask()
    {
        await using Coturn coturn = await Coturn.StartAsync("--no-dtls");
        Assert.That(await FailureAsync(coturn.OverDtls(), TimeSpan.FromSeconds(1)), Does.Contain("no DTLS session").And.Contain("does the server speak DTLS at this UDP port"));
    }

    private static async Task CarryAsync(IceAgent from, IceAgent to, int length)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        byte[] buffer = new byte[3000];
        await from.SendAsync(data);
        IceReceiveResult received = await to.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(buffer[..received.Length], Is.EqualTo(data));
    }

    private static async Task<string> FailureAsync(IceServer server, TimeSpan? limit = null)
    {
        int before = Sockets();
        string reason;
        await using (IceAgent agent = new(Coturn.RelayOnly(AgentPair.Options(IceRole.Controlling) with { GatheringTimeout = limit ?? AgentPair.Limit }, server)))
        {
            TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            agent.ServerAnswered += (_, args) => answered.TrySetResult(args);
            Assert.That(await AgentPair.GatherAsync(agent), Is.Empty);
            IceServerAnsweredEventArgs args = await answered.Task.WaitAsync(AgentPair.Limit);
            Assert.That(args.Succeeded, Is.False);
            reason = args.Reason!;
        }

        await AgentPair.EventuallyAsync(() => Sockets() <= before);
        return reason;
    }

    /// <summary>How many sockets this process has open.</summary>
    private static int Sockets() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(IsSocket);

    private static bool IsSocket(string descriptor) => new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
}

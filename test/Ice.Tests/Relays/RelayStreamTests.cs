using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ice.Net;
using Ice.Testing;

namespace Ice.Tests;

public sealed class RelayStreamTests
{
    [TestCase("udp", "udp")]
    [TestCase("tcp", "tcp")]
    [TestCase("tls", "tls")]
    [TestCase("tls", "udp")]
    [TestCase("tcp", "dtls")]
    [Rfc(8656, "3.1")]
    public async Task Two_agents_connect_through_relays_alone_and_data_flows_both_ways(string left, string right)
    {
        PassThroughSecurity dtls = new();
        await using TurnRig turn = await TurnRig.StartAsync();
        await using AgentPair pair = await AgentPair.ConnectedAsync(
            options => TurnRig.RelayOnly(options, turn.Over(left)),
            options => TurnRig.RelayOnly(options with { DatagramSecurity = dtls }, turn.Over(right)));

        for (int length = 0; length < 9; length++)
        {
            await SendAndReceiveAsync(pair.Left, pair.Right, length);
            await SendAndReceiveAsync(pair.Right, pair.Left, length + 1000);
        }

        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.SelectedPair!.Local.Type, Is.EqualTo(IceCandidateType.Relayed));
            Assert.That(pair.Right.SelectedPair!.Local.Type, Is.EqualTo(IceCandidateType.Relayed));
            Assert.That(turn.Server.GetStatistics().Allocations, Is.EqualTo(2));
            Assert.That(dtls.Options.Select(static options => options.TargetHost), Is.EqualTo(right == "dtls" ? [TestCertificate.Host] : Array.Empty<string>()));
        });
    }

    [Test]
    public async Task What_was_bound_goes_on_channels_once_they_are_there()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        await using AgentPair pair = await AgentPair.ConnectedAsync(
            options => TurnRig.RelayOnly(options, turn.Over("tcp")),
            options => TurnRig.RelayOnly(options, turn.Over("tls")));
        long before = turn.Server.GetStatistics().DatagramsToPeers;
        for (int i = 0; i < 100; i++)
            await SendAndReceiveAsync(pair.Left, pair.Right, i);

        IceStats stats = pair.Left.GetStats();
        Assert.Multiple(() =>
        {
            Assert.That(turn.Server.GetStatistics().DatagramsToPeers - before, Is.GreaterThanOrEqualTo(100));
            Assert.That(stats.PacketsSent, Is.EqualTo(100));
            Assert.That(stats.StunPacketsReceived, Is.Positive);
            Assert.That(stats.OversizedDatagrams, Is.Zero);
        });
    }

    [Test]
    public async Task A_certificate_of_an_unknown_authority_is_refused_and_the_reason_says_what_to_set()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        string reason = await FailureAsync(turn.Over("tls") with { TrustedRoots = null });
        Assert.That(reason, Does.Contain("IceServer.TrustedRoots").And.Contain("IceServer.CertificateValidation"));
        Assert.That(turn.Server.GetStatistics().AllocationsMade, Is.Zero);
    }

    [Test]
    public async Task A_certificate_for_another_name_is_refused_even_when_its_authority_is_trusted()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        Assert.That(await FailureAsync(turn.Over("tls", "other.example.org")), Does.Contain("not for 'other.example.org' but for 'CN=turn.example.org'"));
    }

    [Test]
    public async Task An_address_in_the_url_is_checked_against_the_addresses_of_the_certificate()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        Assert.That(await RelayedAsync(turn.Over("tls", "127.0.0.1")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task The_application_may_decide_about_a_certificate_itself()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        string expected = TestCertificate.Instance.GetCertHashString();
        IceServer pinned = turn.Over("tls") with { TrustedRoots = null, CertificateValidation = (_, certificate, _, _) => certificate!.GetCertHashString() == expected };
        Assert.That(await RelayedAsync(pinned), Has.Length.EqualTo(1));
        Assert.That(await FailureAsync(pinned with { CertificateValidation = static (_, _, _, _) => false }), Does.Contain("CertificateValidation"));
        Assert.That(await FailureAsync(pinned with { CertificateValidation = static (_, _, _, _) => throw new InvalidOperationException("pin missing") }), Does.Contain("pin missing"));
    }

    [Test]
    public async Task A_wrong_password_is_reported_and_its_stream_closed()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        IceServer wrong = new(turn.Over("tcp").Urls, "alice", "wrong");
        Assert.That(await FailureAsync(wrong, () => MemoryPair.EventuallyAsync(() => turn.Server.GetStatistics().Streams == 0)), Does.Contain("does not take the credentials"));
    }

    [Test]
    public async Task A_server_that_goes_away_is_reported_as_the_loss_of_the_relay()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        await using AgentPair pair = await AgentPair.ConnectedAsync(
            options => TurnRig.RelayOnly(options, turn.Over("tls")),
            options => TurnRig.RelayOnly(options, turn.Over("tcp")));
        TaskCompletionSource<IceStateChangedEventArgs> changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // The event of Connected may still be on its way.
        pair.Left.StateChanged += (_, args) => _ = args.State is IceConnectionState.Connected || changed.TrySetResult(args);
        await turn.Server.DisposeAsync();

        IceStateChangedEventArgs args = await changed.Task.WaitAsync(AgentPair.Limit);
        Assert.Multiple(() =>
        {
            Assert.That(args.State, Is.Not.EqualTo(IceConnectionState.Connected));
            Assert.That(args.Explanation, Does.Contain("was lost: the server closed the connection"));
            Assert.That(pair.Left.TrySend([1]), Is.False);
        });
    }

    [Test]
    [Rfc(8445, "9")]
    public async Task A_restart_opens_a_stream_again_that_was_closed()
    {
        TurnRig first = await TurnRig.StartAsync();
        await using IceAgent agent = new(TurnRig.RelayOnly(AgentPair.Loopback(IceRole.Controlling), first.Over("tcp")));
        Assert.That(await AgentPair.GatherAsync(agent), Has.Length.EqualTo(1));
        int port = first.Server.TcpEndPoints[0].Port;
        await first.DisposeAsync();
        await MemoryPair.EventuallyAsync(() => agent.LocalCandidates.Count == 0);
        await using TurnRig second = await TurnRig.StartAsync(port);
        await agent.RestartAsync();

        Assert.That(await AgentPair.GatherAsync(agent), Has.Length.EqualTo(1));
        Assert.That(second.Server.GetStatistics().Allocations, Is.EqualTo(1));
    }

    [TestCase("tcp")]
    [TestCase("tls")]
    public async Task Disposing_gives_the_allocation_back_and_closes_the_stream(string transport)
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        await using (AgentPair pair = await AgentPair.ConnectedAsync(
            options => TurnRig.RelayOnly(options, turn.Over(transport)),
            options => TurnRig.RelayOnly(options, turn.Over(transport))))
        {
            Assert.That(turn.Server.GetStatistics().Streams, Is.EqualTo(2));
        }

        await MemoryPair.EventuallyAsync(() => turn.Server.GetStatistics() is { Streams: 0, Allocations: 0, Relays: 0 });
    }

    [Test]
    [Rfc(7350, "4.6")]
    public async Task Without_an_implementation_of_DTLS_such_a_server_is_reported_with_what_to_set()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        Assert.That(await FailureAsync(turn.Over("dtls")), Does.Contain("IceAgentOptions.DatagramSecurity"));
    }

    [Test]
    public async Task DTLS_that_fails_is_reported_with_its_reason()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        Assert.That(await FailureAsync(turn.Over("dtls"), security: new RefusingSecurity()), Does.Contain("no such cipher"));
    }

    [Test]
    [Rfc(7443, "2")]
    public async Task DTLS_is_given_the_name_the_trust_and_the_label_that_TLS_is_given()
    {
        PassThroughSecurity dtls = new();
        await using TurnRig turn = await TurnRig.StartAsync();
        await using IceAgent agent = new(TurnRig.RelayOnly(AgentPair.Loopback(IceRole.Controlling) with { DatagramSecurity = dtls }, turn.Over("dtls")));
        Assert.That(await AgentPair.GatherAsync(agent), Has.Length.EqualTo(1));

        SslClientAuthenticationOptions options = dtls.Options.Single();
        Assert.That(options.TargetHost, Is.EqualTo(TestCertificate.Host));
        Assert.That(options.ApplicationProtocols!.Select(static label => label.ToString()), Is.EqualTo(["stun.turn"]));
        Assert.That(options.CertificateChainPolicy!.TrustMode, Is.EqualTo(X509ChainTrustMode.CustomRootTrust));
        Assert.That(options.CertificateChainPolicy.CustomTrustStore, Is.EqualTo(new[] { TestCertificate.Instance }));
        Assert.That(options.RemoteCertificateValidationCallback!(this, TestCertificate.Instance, null, SslPolicyErrors.None), Is.True);
    }

    [Test]
    public async Task What_DTLS_finds_wrong_with_a_certificate_is_reported_in_the_words_of_TLS()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        Assert.That(
            await FailureAsync(turn.Over("dtls"), security: new CertificateFindingSecurity(SslPolicyErrors.RemoteCertificateNameMismatch)),
            Does.Contain("is not for 'turn.example.org' but for 'CN=turn.example.org'"));
        Assert.That(
            await FailureAsync(turn.Over("dtls"), security: new CertificateFindingSecurity(SslPolicyErrors.RemoteCertificateChainErrors)),
            Does.Contain("IceServer.TrustedRoots"));
    }

    [Test]
    public async Task DTLS_that_never_comes_about_is_reported_with_what_to_ask()
    {
        await using TurnRig turn = await TurnRig.StartAsync();
        Assert.That(
            await FailureAsync(turn.Over("dtls"), security: new StuckSecurity(), limit: TimeSpan.FromMilliseconds(500)),
            Does.StartWith("no DTLS session with 127.0.0.1:").And.Contains("within 0.45 s: does the server speak DTLS at this UDP port"));
    }

    private static async Task SendAndReceiveAsync(IceAgent from, IceAgent to, int length)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        await from.SendAsync(data);
        byte[] buffer = new byte[2000];
        IceReceiveResult received = await to.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(buffer[..received.Length], Is.EqualTo(data));
    }

    private static async Task<IceCandidate[]> RelayedAsync(IceServer server)
    {
        await using IceAgent agent = new(TurnRig.RelayOnly(AgentPair.Loopback(IceRole.Controlling), server));
        return await AgentPair.GatherAsync(agent);
    }

    private static async Task<string> FailureAsync(IceServer server, Func<Task>? then = null, IDatagramSecurity? security = null, TimeSpan? limit = null)
    {
        IceAgentOptions options = AgentPair.Loopback(IceRole.Controlling) with { DatagramSecurity = security };
        if (limit is { } time)
            options = options with { GatheringTimeout = time };
        await using IceAgent agent = new(TurnRig.RelayOnly(options, server));
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.ServerAnswered += (_, args) => answered.TrySetResult(args);
        Assert.That(await AgentPair.GatherAsync(agent), Is.Empty);
        IceServerAnsweredEventArgs args = await answered.Task.WaitAsync(AgentPair.Limit);
        Assert.That(args.Succeeded, Is.False);
        if (then is not null)
            await then();
        return args.Reason!;
    }
}

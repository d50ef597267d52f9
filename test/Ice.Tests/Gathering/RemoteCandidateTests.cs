namespace Ice.Tests;

public sealed class RemoteCandidateTests
{
    [Test]
    public async Task A_candidate_with_a_name_is_resolved_and_used()
    {
        await using MemoryPair pair = new(left: static options => options with { NameResolver = new TableResolver(("peer.local", "192.0.2.2")) });
        pair.Left.StartGathering();
        pair.Right.StartGathering();
        int port = pair.Right.LocalCandidates[0].Port;
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters);
        pair.Left.AddRemoteCandidate($"candidate:1 1 udp 2130706431 peer.local {port} typ host");
        pair.Left.AddRemoteCandidate(null);
        // The right agent does not learn where the left one is, so that nothing happens before the name is resolved.
        pair.Right.SetRemoteParameters(pair.Left.LocalParameters);
        await pair.ConnectAsync();

        Assert.That(pair.Left.SelectedPair!.Remote.Type, Is.EqualTo(IceCandidateType.Host));
        Assert.That(pair.Left.SelectedPair!.Remote.EndPoint, Is.EqualTo(pair.Right.LocalCandidates[0].EndPoint));
    }

    [Test]
    public async Task A_name_that_cannot_be_resolved_costs_only_its_candidate()
    {
        CapturingLoggerFactory logs = new();
        await using MemoryPair pair = new(left: options => options with { NameResolver = new TableResolver(), LoggerFactory = logs });
        pair.Left.StartGathering();
        pair.Right.StartGathering();
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters);
        pair.Left.AddRemoteCandidate("candidate:1 1 udp 2130706431 peer.local 5000 typ host");
        pair.Left.AddRemoteCandidate(pair.Right.LocalCandidates[0]);
        pair.Left.AddRemoteCandidate(null);
        AgentPair.Signal(pair.Left, pair.Left.LocalCandidates, pair.Right);
        await pair.ConnectAsync();

        await MemoryPair.EventuallyAsync(() => logs.Lines.Any(static line => line.StartsWith("Debug 1007", StringComparison.Ordinal)));
    }

    [TestCase("candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host")]
    [TestCase("a=candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host")]
    [TestCase("1 1 udp 2130706431 192.0.2.9 5000 typ host")]
    public async Task A_candidate_may_come_as_text_with_and_without_its_prefix(string text)
    {
        await using MemoryPair pair = new();
        pair.Left.AddRemoteCandidate(text);
        Assert.That(pair.Left.RemoteCandidates.Single().EndPoint.ToString(), Is.EqualTo("192.0.2.9:5000"));
    }

    [TestCase("")]
    [TestCase("end-of-candidates")]
    [TestCase("a=end-of-candidates")]
    public async Task Empty_text_ends_the_candidates(string text)
    {
        await using MemoryPair pair = new();
        pair.Left.AddRemoteCandidate(text);
        pair.Left.AddRemoteCandidate("candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host");
        Assert.That(pair.Left.RemoteCandidates, Is.Empty);
    }

    [Test]
    public async Task Text_that_is_no_candidate_is_refused()
    {
        await using MemoryPair pair = new();
        Assert.Throws<FormatException>(() => pair.Left.AddRemoteCandidate("candidate:nonsense"));
    }

    [Test]
    public async Task Names_of_an_old_session_are_forgotten_by_a_restart()
    {
        TaskCompletionSource<IReadOnlyList<System.Net.IPAddress>> answer = new();
        await using MemoryPair pair = new(left: options => options with { NameResolver = new PendingResolver(answer.Task) });
        pair.Left.StartGathering();
        pair.Left.AddRemoteCandidate("candidate:1 1 udp 2130706431 peer.local 5000 typ host");
        await pair.Left.RestartAsync();
        answer.SetResult([System.Net.IPAddress.Parse("192.0.2.9")]);
        await pair.Left.DisposeAsync();

        Assert.That(pair.Left.RemoteCandidates, Is.Empty);
    }

    [Test]
    public async Task No_more_than_a_bounded_number_of_names_is_resolved_at_once()
    {
        CapturingLoggerFactory logs = new();
        await using MemoryPair pair = new(left: options => options with { NameResolver = new NeverResolver(), LoggerFactory = logs });
        for (int i = 0; i < 40; i++)
            pair.Left.AddRemoteCandidate($"candidate:1 1 udp 2130706431 peer{i}.local 5000 typ host");

        Assert.That(logs.Lines.Count(static line => line.StartsWith("Debug 1007", StringComparison.Ordinal)), Is.EqualTo(8));
    }
}

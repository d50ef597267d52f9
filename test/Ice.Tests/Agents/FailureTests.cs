using Ice.Testing;

namespace Ice.Tests;

public sealed class FailureTests
{
    [Test]
    public async Task A_wrong_password_fails_with_a_reason_when_patience_is_over()
    {
        static IceAgentOptions Impatient(IceAgentOptions options) => options with { PatienceTimeout = TimeSpan.FromSeconds(5) };
        await using MemoryPair pair = new(Impatient, Impatient);
        pair.Left.StartGathering();
        pair.Right.StartGathering();
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters with { Password = "abcdefghijklmnopqrstuvwx" });
        pair.Right.SetRemoteParameters(pair.Left.LocalParameters with { Password = "abcdefghijklmnopqrstuvwx" });
        pair.Left.AddRemoteCandidate(pair.Right.LocalCandidates[0]);
        pair.Right.AddRemoteCandidate(pair.Left.LocalCandidates[0]);
        Task connecting = pair.Left.ConnectAsync();
        await pair.AdvanceUntilAsync(() => pair.Left.State == IceConnectionState.Failed, TimeSpan.FromMinutes(2));

        IceException failure = Assert.ThrowsAsync<IceException>(() => connecting.WaitAsync(AgentPair.Limit));
        Assert.Multiple(() =>
        {
            Assert.That(failure.Error, Is.EqualTo(IceError.ConnectionFailed));
            Assert.That(failure.Reason, Is.EqualTo(IceFailureReason.AllChecksFailed));
            Assert.That(failure.Message, Has.Length.GreaterThan(20));
            Assert.That(pair.Right.GetStats().StunDrops.Values.Sum(), Is.Positive);
        });
    }

    [Test]
    [Rfc(8863, "4")]
    public async Task Without_a_remote_candidate_an_agent_fails_only_when_patience_is_over()
    {
        await using MemoryPair pair = new(static options => options with { PatienceTimeout = TimeSpan.FromSeconds(5) });
        pair.Left.StartGathering();
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters);
        pair.Left.AddRemoteCandidate(null);
        pair.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(pair.Left.State, Is.Not.EqualTo(IceConnectionState.Failed));
        pair.Time.Advance(TimeSpan.FromSeconds(0.2));

        IceException failure = Assert.ThrowsAsync<IceException>(() => pair.Left.ConnectAsync().WaitAsync(AgentPair.Limit));
        Assert.That(failure.Reason, Is.EqualTo(IceFailureReason.NoRemoteCandidates));
    }

    [Test]
    public async Task An_agent_without_any_address_says_so()
    {
        MemoryNetwork network = new();
        ManualTimeProvider time = new();
        await using IceAgent agent = new(new() { InterfaceLister = static () => [], SocketFactory = network.Bind, TimeProvider = time, PatienceTimeout = TimeSpan.FromSeconds(5) });
        agent.StartGathering();
        agent.SetRemoteParameters(new IceParameters("abcd", "abcdefghijklmnopqrstuvwx"));
        agent.AddRemoteCandidate("candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host");
        agent.AddRemoteCandidate(null);
        time.Advance(TimeSpan.FromSeconds(6));

        IceException failure = Assert.ThrowsAsync<IceException>(() => agent.ConnectAsync().WaitAsync(AgentPair.Limit));
        Assert.That(failure.Reason, Is.EqualTo(IceFailureReason.NoLocalCandidates));
    }
}

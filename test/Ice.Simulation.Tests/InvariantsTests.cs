using Ice.Core;
using Stun;

namespace Ice.Simulation.Tests;

/// <summary>The watchmen watched: each invariant is broken once by hand, and must say so.</summary>
public class InvariantsTests
{
    private static readonly IcePath s_path = new(new BaseId(0), TransportAddress.Parse("203.0.113.9", 9));

    [Test]
    public void More_transactions_at_once_than_the_burst_allows_are_a_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        for (int i = 0; i <= IceDefaults.UrgentBurst; i++)
            invariants.OnTransmit(agent, s_path, Request(i));
        Assert.That(() => invariants.OnTransmit(agent, s_path, Request(99)), Throws.InstanceOf<InvariantViolationException>().With.Message.Contains("faster than Ta"));
    }

    [Test]
    public void Transactions_that_keep_Ta_and_retransmissions_are_no_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        for (int i = 0; i < 20; i++)
        {
            invariants.OnTransmit(agent, s_path, Request(i));
            invariants.OnTransmit(agent, s_path, Request(i));
            agent.Host.Network.RunFor(TimeSpan.FromMilliseconds(50));
        }

        Assert.That(invariants.Transactions, Is.EqualTo(20));
    }

    [Test]
    public void A_rate_a_little_above_Ta_is_a_breach_in_the_end()
    {
        (SimAgent agent, Invariants invariants) = Build();
        Assert.That(
            () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    invariants.OnTransmit(agent, s_path, Request(i));
                    agent.Host.Network.RunFor(TimeSpan.FromMilliseconds(45));
                }
            },
            Throws.InstanceOf<InvariantViolationException>());
    }

    [Test]
    public void A_transaction_that_moves_to_another_path_is_a_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        invariants.OnTransmit(agent, s_path, Request(1));
        IcePath other = s_path with { Remote = s_path.Remote.WithPort(10) };
        Assert.That(() => invariants.OnTransmit(agent, other, Request(1)), Throws.InstanceOf<InvariantViolationException>());
    }

    [Test]
    public void Data_where_no_check_was_answered_is_a_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        Assert.That(() => invariants.OnData(agent, ComponentId.First, s_path), Throws.InstanceOf<InvariantViolationException>().With.Message.Contains("no check was ever answered"));
    }

    [Test]
    public void Data_more_than_thirty_seconds_after_the_last_answer_is_a_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        invariants.OnTransmit(agent, s_path, Request(1));
        invariants.OnDatagram(agent, s_path, Message(1, StunClass.SuccessResponse), InputResult.Handled);
        agent.Host.Network.RunFor(TimeSpan.FromSeconds(30));
        Assert.That(() => invariants.OnData(agent, ComponentId.First, s_path), Throws.Nothing);
        agent.Host.Network.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.That(() => invariants.OnData(agent, ComponentId.First, s_path), Throws.InstanceOf<InvariantViolationException>().With.Message.Contains("consent"));
    }

    [Test]
    public void An_answer_from_another_path_or_one_that_was_refused_is_no_consent()
    {
        (SimAgent agent, Invariants invariants) = Build();
        invariants.OnTransmit(agent, s_path, Request(1));
        IcePath other = s_path with { Remote = s_path.Remote.WithPort(10) };
        invariants.OnDatagram(agent, other, Message(1, StunClass.SuccessResponse), InputResult.Handled);
        invariants.OnDatagram(agent, s_path, Message(1, StunClass.SuccessResponse), InputResult.Dropped);
        Assert.That(() => invariants.OnData(agent, ComponentId.First, s_path), Throws.InstanceOf<InvariantViolationException>());
    }

    [Test]
    public void What_does_not_parse_is_a_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        Assert.That(() => invariants.OnTransmit(agent, s_path, [1, 2, 3]), Throws.InstanceOf<InvariantViolationException>());
    }

    [Test]
    public void Gathering_that_ends_twice_or_goes_on_after_its_end_is_a_breach()
    {
        (SimAgent agent, Invariants invariants) = Build();
        invariants.OnEvent(agent, new IceEvent.GatheringCompleted());
        Assert.That(() => invariants.OnEvent(agent, new IceEvent.GatheringCompleted()), Throws.InstanceOf<InvariantViolationException>());
        var late = new IceEvent.LocalCandidate(0, IceCandidate.Parse("candidate:1 1 udp 2130706431 203.0.113.2 9 typ host"));
        Assert.That(() => invariants.OnEvent(agent, late), Throws.InstanceOf<InvariantViolationException>());
        invariants.OnEvent(agent, new IceEvent.Restarted(agent.Core.LocalParameters));
        Assert.That(() => invariants.OnEvent(agent, late), Throws.Nothing);
    }

    private static (SimAgent Agent, Invariants Invariants) Build()
    {
        var net = new TestNet(1);
        var host = new SimHost(net.Network, "host");
        _ = host.AddInterface("eth0", net.Internet, null, "203.0.113.1");
        return (new SimAgent(host, "agent", new SimAgentOptions()), new Invariants());
    }

    private static byte[] Request(int id) => Message(id, StunClass.Request);

    private static byte[] Message(int id, StunClass messageClass)
    {
        byte[] buffer = new byte[100];
        var transaction = TransactionId.Create(new SimEntropy(new SimRandom((ulong)id)));
        int length = new StunWriter(buffer, StunMethod.Binding, messageClass, transaction).Length;
        return buffer[..length];
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Ice.Testing;

namespace Ice.Tests;

public sealed class GatheringTests
{
    [Test]
    public async Task Host_candidates_are_there_when_gathering_has_started()
    {
        MemoryNetwork network = new();
        await using IceAgent agent = new(Options(network, "192.0.2.1", "2001:db8::1"));
        agent.StartGathering();

        Assert.That(agent.LocalCandidates.Select(static candidate => candidate.Address.ToIPAddress().ToString()), Is.EquivalentTo(new[] { "192.0.2.1", "2001:db8::1" }));
        Assert.That(agent.GatheringState, Is.EqualTo(GatheringState.Complete));
    }

    [Test]
    public async Task Sockets_and_interfaces_are_asked_for_on_the_callers_thread()
    {
        MemoryNetwork network = new();
        ConcurrentBag<int> threads = [];
        await using IceAgent agent = new(new IceAgentOptions
        {
            InterfaceLister = () =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                return [new HostAddress { Address = IPAddress.Parse("192.0.2.1") }];
            },
            SocketFactory = endPoint =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                return network.Bind(endPoint);
            },
        });
        int here = Environment.CurrentManagedThreadId;
        _ = agent.GatherAsync();

        Assert.That(threads, Has.Count.EqualTo(2).And.All.EqualTo(here));
    }

    [Test]
    public async Task Every_enumeration_sees_every_candidate_and_ends()
    {
        MemoryNetwork network = new();
        await using IceAgent agent = new(Options(network, "192.0.2.1", "2001:db8::1"));
        IceCandidate[] first = await AgentPair.GatherAsync(agent);
        IceCandidate[] second = await AgentPair.GatherAsync(agent);

        Assert.That(first, Has.Length.EqualTo(2));
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    [Rfc(8421, "4")]
    public async Task The_first_IPv6_address_has_the_highest_preference_and_IPv4_is_interleaved()
    {
        MemoryNetwork network = new();
        await using IceAgent agent = new(Options(network, "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"));
        agent.StartGathering();

        IEnumerable<bool> families = agent.LocalCandidates.OrderByDescending(static candidate => candidate.Priority).Select(static candidate => candidate.Address.IsIPv6);
        Assert.That(families.Take(2), Is.Not.EqualTo(new[] { false, false }));
        Assert.That(families.First(), Is.True);
    }

    [Test]
    public async Task Filters_and_families_choose_the_addresses()
    {
        MemoryNetwork network = new();
        HostAddress[] host =
        [
            new() { Address = IPAddress.Parse("192.0.2.1"), InterfaceName = "eth0" },
            new() { Address = IPAddress.Parse("192.0.2.9"), InterfaceName = "docker0" },
            new() { Address = IPAddress.Parse("2001:db8::1"), InterfaceName = "eth0" },
            new() { Address = IPAddress.Parse("192.0.2.3"), InterfaceName = "eth0" },
        ];
        await using IceAgent agent = new(new IceAgentOptions
        {
            InterfaceLister = () => host,
            SocketFactory = network.Bind,
            IPv6 = false,
            InterfaceFilter = static name => name != "docker0",
            AddressFilter = static address => !address.Address.ToString().EndsWith('3'),
        });
        agent.StartGathering();

        Assert.That(agent.LocalCandidates.Select(static candidate => candidate.Address.ToIPAddress().ToString()), Is.EqualTo(new[] { "192.0.2.1" }));
    }

    [Test]
    public async Task An_address_that_cannot_be_bound_costs_only_its_candidate()
    {
        MemoryNetwork network = new();
        CapturingLoggerFactory logs = new();
        await using IceAgent agent = new(Options(network, "192.0.2.1", "192.0.2.2") with
        {
            LoggerFactory = logs,
            SocketFactory = endPoint => endPoint.Address.ToString() == "192.0.2.1" ? throw new SocketException((int)SocketError.AddressNotAvailable) : network.Bind(endPoint),
        });
        agent.StartGathering();

        Assert.That(agent.LocalCandidates, Has.Count.EqualTo(1));
        Assert.That(logs.Lines, Has.Some.StartsWith("Warning 1002"));
    }

    [Test]
    public async Task A_factory_that_throws_is_heard_of_and_leaves_nothing_open_and_gathering_may_be_tried_again()
    {
        MemoryNetwork network = new();
        bool broken = true;
        await using IceAgent agent = new(Options(network, "192.0.2.1", "192.0.2.2") with
        {
            SocketFactory = endPoint => broken && endPoint.Address.ToString() == "192.0.2.2" ? throw new InvalidOperationException("out of order") : network.Bind(endPoint),
        });
        Assert.That(agent.StartGathering, Throws.InvalidOperationException.With.Message.EqualTo("out of order"));
        Assert.That(network.OpenSockets, Is.Zero);

        broken = false;
        agent.StartGathering();
        Assert.That(agent.LocalCandidates, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_port_range_is_searched_until_a_port_is_free()
    {
        MemoryNetwork network = new();
        List<int> tried = [];
        await using IceAgent agent = new(Options(network, "192.0.2.1") with
        {
            PortRange = new IcePortRange(40_000, 40_003),
            SocketFactory = endPoint =>
            {
                tried.Add(endPoint.Port);
                return tried.Count < 4 ? throw new SocketException((int)SocketError.AddressAlreadyInUse) : network.Bind(endPoint);
            },
        });
        agent.StartGathering();

        Assert.That(tried, Is.EquivalentTo(new[] { 40_000, 40_001, 40_002, 40_003 }));
        Assert.That(agent.LocalCandidates[0].Port, Is.EqualTo(tried[^1]));
    }

    [Test]
    public async Task Loopback_is_gathered_only_when_asked_for()
    {
        static IceAgentOptions OnHost(bool includeLoopback, MemoryNetwork network) => new()
        {
            IncludeLoopback = includeLoopback,
            SocketFactory = network.Bind,
            InterfaceLister = static () => [new HostAddress { Address = IPAddress.Loopback, IsLoopback = true }, new HostAddress { Address = IPAddress.IPv6Loopback, IsLoopback = true }],
        };
        MemoryNetwork network = new();
        await using IceAgent without = new(OnHost(false, network));
        await using IceAgent with = new(OnHost(true, network));
        without.StartGathering();
        with.StartGathering();

        Assert.That(without.LocalCandidates, Is.Empty);
        Assert.That(with.LocalCandidates, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Every_component_of_every_stream_has_its_own_candidates()
    {
        MemoryNetwork network = new();
        await using IceAgent agent = new(Options(network, "192.0.2.1") with { Streams = [2, 1] });
        List<(int Stream, int Component)> gathered = [];
        TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.CandidateGathered += (_, args) => gathered.Add((args.Stream, args.Candidate.Component));
        agent.GatheringCompleted += (_, _) => completed.TrySetResult();
        agent.StartGathering();
        await completed.Task.WaitAsync(AgentPair.Limit);

        Assert.That(gathered, Is.EquivalentTo(new[] { (0, 1), (0, 2), (1, 1) }));
        Assert.That(agent.Components.Select(static component => component.Id.ToString()), Is.EqualTo(new[] { "0/1", "0/2", "1/1" }));
    }

    private static IceAgentOptions Options(MemoryNetwork network, params string[] addresses) => new()
    {
        BindAddresses = [.. addresses.Select(IPAddress.Parse)],
        SocketFactory = network.Bind,
    };
}

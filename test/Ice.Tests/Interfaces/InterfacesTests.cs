using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Ice.Testing;

namespace Ice.Tests;

/// <summary>Addresses of the host that come and go while an agent lives, on real sockets.</summary>
public sealed class InterfacesTests
{
    private static readonly IPAddress s_first = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress s_second = IPAddress.Parse("127.0.0.2");

    private readonly List<IPAddress> _addresses = [s_first];

    [SetUp]
    public void SetUp()
    {
        _addresses.Clear();
        _addresses.Add(s_first);
    }

    [Test]
    [Platform("Linux")]
    [Rfc(8445, "5.1.1.4")]
    public async Task An_address_that_went_is_given_up_at_once_and_one_that_came_is_used_after_a_restart()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(Listed);
        var before = (IPEndPoint)pair.Left.LocalCandidates[0].EndPoint;
        TaskCompletionSource<IceInterfacesChangedEventArgs> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<IceStateChangedEventArgs> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.InterfacesChanged += (_, args) => told.TrySetResult(args);
        pair.Left.StateChanged += (_, args) => lost.TrySetResult(args);

        _addresses[0] = s_second;
        Assert.That(pair.Left.RefreshInterfaces(), Is.True);
        IceInterfacesChangedEventArgs changed = await told.Task.WaitAsync(AgentPair.Limit);
        IceStateChangedEventArgs state = await lost.Task.WaitAsync(AgentPair.Limit);
        Assert.Multiple(() =>
        {
            Assert.That(changed.Added, Is.EqualTo(new[] { s_second }));
            Assert.That(changed.Removed, Is.EqualTo(new[] { s_first }));
            Assert.That(state.Reason, Is.EqualTo(IceFailureReason.InterfaceLost), state.Explanation);
            Assert.That(pair.Left.SelectedPair, Is.Null);
        });
        await MemoryPair.EventuallyAsync(() => IsFree(before));

        await RestartAsync(pair);
        Assert.That(pair.Left.SelectedPair!.Local.EndPoint, Is.InstanceOf<IPEndPoint>().With.Property("Address").EqualTo(s_second));
        await pair.Left.SendAsync(new byte[] { 7 });
        IceReceiveResult received = await pair.Right.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(received.Length, Is.EqualTo(1));
    }

    [Test]
    [Platform("Linux")]
    public async Task A_restart_looks_by_itself()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(Listed);
        _addresses.Insert(0, s_second);
        await RestartAsync(pair);
        Assert.That(pair.Left.LocalCandidates.Select(static candidate => ((IPEndPoint)candidate.EndPoint).Address), Is.EquivalentTo(new[] { s_first, s_second }));
        _addresses.Remove(s_first);
        await RestartAsync(pair);
        Assert.That(pair.Left.LocalCandidates.Select(static candidate => ((IPEndPoint)candidate.EndPoint).Address), Is.EqualTo(new[] { s_second }));
    }

    [Test]
    [Platform("Linux")]
    [Rfc(8838, "13")]
    public async Task An_address_that_comes_while_the_agent_gathers_is_gathered_from()
    {
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using IceAgent agent = new(Listed(AgentPair.Loopback(IceRole.Controlling)) with { Servers = [new IceServer($"stun:{silent.LocalEndPoint}")] });
        agent.StartGathering();
        _addresses.Add(s_second);
        Assert.That(agent.RefreshInterfaces(), Is.True);
        Assert.That(agent.LocalCandidates.Select(static candidate => ((IPEndPoint)candidate.EndPoint).Address), Is.EquivalentTo(new[] { s_first, s_second }));
    }

    [Test]
    public async Task What_has_not_changed_is_left_alone()
    {
        await using AgentPair pair = AgentPair.Create(Listed);
        Assert.That(pair.Left.RefreshInterfaces(), Is.False, "before gathering");
        await pair.ExchangeAsync();
        await pair.ConnectAsync();
        pair.Left.InterfacesChanged += static (_, _) => Assert.Fail("nothing changed");
        pair.Right.InterfacesChanged += static (_, _) => Assert.Fail("nothing changed");
        Assert.That(pair.Left.RefreshInterfaces(), Is.False);
        Assert.That(pair.Right.RefreshInterfaces(), Is.False, "addresses that the application named stay");
        await pair.Left.DisposeAsync();
        Assert.That(pair.Left.RefreshInterfaces, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    [Platform("Linux")]
    public async Task A_socket_that_a_factory_opens_at_another_address_stands_for_the_one_that_was_asked_for()
    {
        int opened = 0;
        await using AgentPair pair = await AgentPair.ConnectedAsync(options => Listed(options) with
        {
            SocketFactory = asked =>
            {
                Interlocked.Increment(ref opened);
                return UdpSocket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.3"), asked.Port));
            },
        });
        Assert.That(pair.Left.RefreshInterfaces(), Is.False);
        await RestartAsync(pair);
        Assert.That(opened, Is.EqualTo(1));
    }

    [Test]
    public async Task A_list_that_cannot_be_had_does_not_keep_from_restarting()
    {
        bool fails = false;
        await using AgentPair pair = await AgentPair.ConnectedAsync(options => Listed(options) with
        {
            InterfaceLister = () => fails ? throw new IOException("no list") : Addresses(),
        });
        fails = true;
        Assert.That(pair.Left.RefreshInterfaces, Throws.InstanceOf<IOException>());
        await RestartAsync(pair);
        Assert.That(pair.Left.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    [Platform("Linux")]
    public async Task What_the_system_tells_is_looked_at_once_it_is_quiet_and_no_longer_than_the_agent_lives()
    {
        ManualTimeProvider time = new();
        ToldChanges changes = new();
        IceAgent agent = new(Listed(AgentPair.Loopback(IceRole.Controlling)) with { WatchInterfaces = true, AddressChanges = changes, TimeProvider = time });
        int looks = 0;
        agent.InterfacesChanged += (_, _) => Interlocked.Increment(ref looks);
        agent.StartGathering();
        Assert.That(changes.IsWatched, Is.True);
        _addresses[0] = s_second;
        changes.Tell();
        time.Advance(TimeSpan.FromMilliseconds(150));
        changes.Tell();
        time.Advance(TimeSpan.FromMilliseconds(150));
        Assert.That(agent.LocalCandidates.Single().EndPoint, Is.InstanceOf<IPEndPoint>().With.Property("Address").EqualTo(s_first));
        time.Advance(TimeSpan.FromMilliseconds(60));
        await MemoryPair.EventuallyAsync(() => Volatile.Read(ref looks) == 1);
        await agent.DisposeAsync();
        Assert.That(changes.IsWatched, Is.False);
    }

    [Test]
    public async Task The_system_is_not_asked_unless_the_option_says_so()
    {
        ToldChanges changes = new();
        await using IceAgent agent = new(AgentPair.Loopback(IceRole.Controlling) with { AddressChanges = changes });
        agent.StartGathering();
        Assert.That(changes.IsWatched, Is.False);
    }

    [Test]
    public async Task The_systems_own_notice_is_subscribed_to_and_left()
    {
        await using IceAgent agent = new(AgentPair.Loopback(IceRole.Controlling) with { WatchInterfaces = true });
        agent.StartGathering();
        Assert.That(agent.LocalCandidates, Has.Count.EqualTo(1));
    }

    private static bool IsFree(IPEndPoint endPoint)
    {
        try
        {
            UdpSocket.Bind(endPoint).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task RestartAsync(AgentPair pair)
    {
        await pair.Left.RestartAsync();
        await pair.Right.RestartAsync();
        await pair.ExchangeAsync();
        await pair.ConnectAsync();
    }

    private IReadOnlyList<HostAddress> Addresses() => [.. _addresses.Select(static address => new HostAddress { Address = address, PrefixLength = 8, IsLoopback = true, InterfaceName = "lo" })];

    private IceAgentOptions Listed(IceAgentOptions options) => options with { BindAddresses = [], InterfaceLister = Addresses };

    private sealed class ToldChanges : IAddressChanges
    {
        public event Action? Changed;

        public bool IsWatched => Changed is not null;

        event Action IAddressChanges.Changed
        {
            add => Changed += value;
            remove => Changed -= value;
        }

        public void Tell() => Changed?.Invoke();
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Stun;

namespace Ice.Tests;

public sealed class MuxDeliveryTests
{
    private static readonly IPEndPoint s_server = IPEndPoint.Parse("203.0.113.1:3478");

    [Test]
    public async Task Nothing_is_allocated_from_the_mux_to_the_handler()
    {
        long bytes = 0;
        await using MemoryMux memory = new(left: options => options with { DatagramHandler = (_, datagram, _) => bytes += datagram.Length });
        await memory.ConnectAsync();
        await memory.WaitForHandlerAsync();
        SocketAddress peer = memory.Pair.Right.LocalCandidates[0].Address.ToIPEndPoint().Serialize();
        byte[] data = new byte[1200];
        data[0] = 99;
        bytes = 0;
        long before = 0;
        for (int i = -1000; i < 10_000; i++)
        {
            if (i == 0)
                before = GC.GetAllocatedBytesForCurrentThread();
            memory.Receiver.OnDatagram(data, peer, null);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(bytes, Is.EqualTo(11_000L * 1200));
    }

    [Test]
    public async Task Several_agents_learn_their_reflexive_address_from_one_server_through_one_port()
    {
        TransportAddress mapped = TransportAddress.Parse("198.51.100.7", 7777);
        await using MemoryMux memory = new(left: static options => options with { Servers = [new IceServer("stun:203.0.113.1")] });
        using MemoryStunServer server = new(memory.Network, s_server, mapped);
        await using IceAgent other = new(memory.LeftOptions with { Pacer = new Pacer(TimeSpan.FromMilliseconds(5)) });
        // Trickled one by one.
        await using IAsyncEnumerator<IceCandidate> trickle = memory.Pair.Left.GatherAsync().GetAsyncEnumerator();
        Assert.That(await trickle.MoveNextAsync() ? trickle.Current.Type : default, Is.EqualTo(IceCandidateType.Host));
        Assert.That(await trickle.MoveNextAsync().AsTask().WaitAsync(AgentPair.Limit) ? trickle.Current.Address : default, Is.EqualTo(mapped));
        Assert.That(await trickle.MoveNextAsync().AsTask().WaitAsync(AgentPair.Limit), Is.False);
        IceCandidate[] candidates = await AgentPair.GatherAsync(other);
        Assert.That(candidates.Select(static candidate => candidate.Address), Does.Contain(mapped));
        Assert.That(memory.Mux.GetStats().RoutedByTransaction, Is.EqualTo(2));
        Assert.That(memory.Mux.GetStats().RemoteAddresses, Is.Zero, "a server is nobody's");
    }

    [Test]
    public async Task Relays_over_UDP_are_refused_and_what_to_write_instead_is_said()
    {
        await using MemoryMux memory = new(left: static options => options with { Servers = [new IceServer(["turn:203.0.113.1"], "user", "secret")] });
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        memory.Pair.Left.ServerAnswered += (_, args) => answered.TrySetResult(args);
        IceCandidate[] candidates = await AgentPair.GatherAsync(memory.Pair.Left);
        Assert.That(candidates, Has.Length.EqualTo(1));
        Assert.That((await answered.Task.WaitAsync(AgentPair.Limit)).Reason, Does.Contain("?transport=tcp"));
    }

    [Test]
    public async Task Relays_over_TCP_have_a_connection_of_the_agents_own()
    {
        await using TurnRig rig = await TurnRig.StartAsync();
        await using IceUdpMux mux = IceUdpMux.Bind(MuxedPairs.Loopback);
        await using IceAgent agent = new(MuxedPairs.Behind(AgentPair.Loopback(IceRole.Controlling), mux) with { Servers = [rig.Over("tcp", "127.0.0.1")] });
        IceCandidate[] candidates = await AgentPair.GatherAsync(agent);
        Assert.That(candidates.Select(static candidate => candidate.Type), Is.EquivalentTo(new[] { IceCandidateType.Host, IceCandidateType.Relayed }));
    }

    [Test]
    public async Task An_agents_handler_has_one_call_at_a_time_also_when_several_loops_receive()
    {
        if (!OperatingSystem.IsLinux())
            return;
        int inside = 0;
        int worst = 0;
        int calls = 0;
        IceDatagramHandler handler = (_, _, _) =>
        {
            worst = Math.Max(worst, Interlocked.Increment(ref inside));
            calls++;
            Interlocked.Decrement(ref inside);
        };
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(
            1, options: MuxedPairs.Loopback with { Shards = 4 }, left: options => options with { DatagramHandler = handler });
        AgentPair pair = pairs.Pairs[0];
        await pair.Right.SendAsync(new byte[1]);
        await MemoryPair.EventuallyAsync(() => Volatile.Read(ref calls) == 1);
        IPEndPoint peer = pair.Right.LocalCandidates[0].Address.ToIPEndPoint();
        MuxReceiver[] receivers = [.. pairs.Mux.Ports.Single().Receivers];
        Assert.That(receivers, Has.Length.EqualTo(4));
        await Task.WhenAll(receivers.Select(receiver => Task.Run(() =>
        {
            SocketAddress source = peer.Serialize();
            for (int i = 0; i < 20_000; i++)
                receiver.OnDatagram([99, 1], source, null);
        })));
        Assert.That((worst, calls), Is.EqualTo((1, 80_001)));
    }

    [Test]
    public async Task An_agent_has_closed_when_its_handler_is_no_longer_being_called()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim release = new();
        int calls = 0;
        await using MemoryMux memory = new(left: options => options with
        {
            DatagramHandler = (_, _, _) =>
            {
                calls++;
                entered.Set();
                release.Wait();
            },
        });
        await memory.ConnectAsync();
        Task<bool> sent = Task.Run(() => memory.Pair.Right.TrySend([7]));
        Assert.That(entered.Wait(AgentPair.Limit), Is.True);
        Task closing = memory.Pair.Left.DisposeAsync().AsTask();
        try
        {
            await MemoryPair.EventuallyAsync(() => memory.Mux.AgentCount == 0);
            Assert.That(closing.IsCompleted, Is.False);
        }
        finally
        {
            release.Set();
        }

        await closing.WaitAsync(AgentPair.Limit);
        await sent;
        Assert.That(calls, Is.EqualTo(1));
    }

    [Test]
    public async Task A_socket_of_the_mux_that_fails_for_good_takes_its_candidates_along()
    {
        await using MemoryMux memory = new();
        await memory.ConnectAsync();
        MemorySocket socket = memory.Network.Find(memory.Mux.LocalEndPoints[0]);
        for (int i = 0; i < 200; i++)
            socket.Fail(SocketError.ConnectionReset);
        await memory.Network.WaitUntilIdleAsync();
        Assert.That(memory.Mux.GetStats().ReceiveErrors, Is.EqualTo(200));
        Assert.That(memory.Pair.Left.State, Is.EqualTo(IceConnectionState.Connected), "anybody can cause such errors");
        for (int i = 0; i < 100; i++)
            socket.Fail(SocketError.NetworkDown);
        await MemoryPair.EventuallyAsync(() => memory.Pair.Left.State == IceConnectionState.Failed);
        await Assert.ThatAsync(async () => await memory.Pair.Left.SendAsync(new byte[1]), Throws.InstanceOf<IceException>().With.Message.Contains("have failed"));
    }

    [Test]
    public async Task Each_agents_mark_is_on_its_own_datagrams()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using IceUdpMux mux = IceUdpMux.Bind(MuxedPairs.Loopback);
        foreach (int dscp in new[] { 46, 0 })
        {
            ConcurrentBag<RecordingSocket> sockets = [];
            IDatagramSocket Bind(IPEndPoint endPoint)
            {
                RecordingSocket socket = RecordingSocket.Bind(endPoint);
                sockets.Add(socket);
                return socket;
            }

            await using AgentPair pair = await AgentPair.ConnectedAsync(
                options => MuxedPairs.Behind(options, mux) with { Dscp = dscp },
                options => options with { SocketFactory = Bind, ReceiveTrafficClass = true });
            Assert.That(sockets.Single().Stun.Select(static seen => seen.TrafficClass), Is.Not.Empty.And.All.EqualTo(new TrafficClass(dscp)));
            Assert.That(pair.Left.Components[0].Marking, Is.EqualTo(pair.Right.Components[0].Marking));
        }
    }

    [Test]
    public async Task What_a_router_says_of_a_path_is_told_to_the_agent_whose_path_it_is()
    {
        if (!OperatingSystem.IsLinux())
            return;
        RecordingSocket? recording = null;
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(
            2, options: MuxedPairs.Loopback with { SocketFactory = endPoint => recording = RecordingSocket.Bind(endPoint) });
        int?[] before = [.. pairs.Pairs.Select(static pair => pair.Left.Components[0].PayloadMtu)];
        recording!.ReportTooBig(pairs.Pairs[1].Right.LocalCandidates[0].Address.ToIPEndPoint(), 1400);
        Assert.That(before, Is.EqualTo(new int?[] { 1472, 1472 }));
        Assert.That(pairs.Pairs.Select(static pair => pair.Left.Components[0].PayloadMtu), Is.EqualTo(new int?[] { 1472, 1372 }));
    }

    [Test]
    public async Task The_meter_tells_what_was_found_and_what_was_refused()
    {
        using TestMeterFactory factory = new();
        ConcurrentDictionary<string, long> measured = new();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured[$"{instrument.Name} {(tags.Length > 0 ? tags[0].Value : "")}"] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();
        MemoryMux memory = new(options => options with { MeterFactory = factory });
        await memory.ConnectAsync();
        memory.Receiver.OnDatagram([99], new IPEndPoint(IPAddress.Parse("203.0.113.9"), 9).Serialize(), null);
        listener.RecordObservableInstruments();
        Assert.That(measured["ice.mux.agents"], Is.EqualTo(1));
        IceUdpMuxStats stats = memory.Mux.GetStats();
        await memory.DisposeAsync();
        listener.RecordObservableInstruments();
        Assert.Multiple(() =>
        {
            Assert.That(measured["ice.mux.agents"], Is.Zero);
            Assert.That(measured["ice.mux.routed username"], Is.EqualTo(stats.RoutedByUsername).And.Positive);
            Assert.That(measured["ice.mux.routed transaction"], Is.EqualTo(stats.RoutedByTransaction).And.Positive);
            Assert.That(measured["ice.mux.dropped unknown_source"], Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_socket_of_the_mux_is_used_as_a_pushing_one_alone()
    {
        await using MemoryMux memory = new();
        MuxMember member = memory.Mux.Join();
        MuxSocket socket = member.Sockets.Single();
        Assert.That(() => socket.ReceiveFromAsync(new byte[1], socket.CreateAddress(), CancellationToken.None), Throws.InvalidOperationException);
        Assert.That(socket.Completion.IsCompleted, Is.True);
        socket.Start(memory.Receiver, 100, false);
        Assert.That(socket.Completion.IsCompleted, Is.False);
        Assert.That(() => socket.Start(memory.Receiver, 100, false), Throws.InvalidOperationException);
        socket.Dispose();
        socket.Dispose();
        await socket.Completion.WaitAsync(AgentPair.Limit);
        Assert.That(socket.TrySendTo([1], s_server.Serialize()), Is.EqualTo(SocketError.OperationAborted));
        Assert.That(() => socket.Start(memory.Receiver, 100, false), Throws.InstanceOf<ObjectDisposedException>());
        member.Leave();
    }
}

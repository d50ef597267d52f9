using System.Collections.Immutable;
using System.Net;
using System.Text;
using Ice.Core;
using Stun;

namespace Ice.Tests;

public sealed class MuxForgeryTests
{
    private const int Flood = 100_000;

    private const int Distinct = 5000;

    [Test]
    public async Task A_flood_of_forged_datagrams_changes_no_route_and_fills_no_table()
    {
        await using MemoryMux memory = new();
        await memory.ConnectAsync();
        await memory.Network.WaitUntilIdleAsync();
        IPEndPoint peer = memory.Pair.Right.LocalCandidates[0].Address.ToIPEndPoint();
        string left = memory.Pair.Left.LocalParameters.UsernameFragment;
        string right = memory.Pair.Right.LocalParameters.UsernameFragment;
        // From everywhere, the peer's own address among it.
        SocketAddress[] sources = [.. Enumerable.Range(0, Distinct).Select(i => (i % 100 == 0 ? peer : new IPEndPoint(0x0200_000A + ((long)i << 8), 1 + i)).Serialize())];
        byte[][] forged = [.. sources.Select(_ => Request($"{left}:{right}"))];
        byte[][] strange = [.. sources.Select((_, i) => Request($"{i}nobody:{right}"))];
        byte[][] responses = [.. sources.Select(static _ => Response())];
        SocketAddress[] strangers = [.. sources.Select(static (_, i) => new IPEndPoint(0x0200_000B, 1 + i).Serialize())];
        byte[] data = [99, 1, 2];
        IceUdpMuxStats before = memory.Mux.GetStats();
        long bad = memory.Pair.Left.GetStats().StunDrops.GetValueOrDefault(DropReason.BadIntegrity);
        long allocated = 0;
        for (int i = 0; i < Flood / 4; i++)
        {
            memory.Receiver.OnDatagram(forged[i % Distinct], sources[i % Distinct], null);
            long start = GC.GetAllocatedBytesForCurrentThread();
            memory.Receiver.OnDatagram(strange[i % Distinct], sources[i % Distinct], null);
            memory.Receiver.OnDatagram(responses[i % Distinct], sources[i % Distinct], null);
            memory.Receiver.OnDatagram(data, strangers[i % Distinct], null);
            allocated += GC.GetAllocatedBytesForCurrentThread() - start;
        }

        await memory.Network.WaitUntilIdleAsync();
        Assert.That(allocated, Is.Zero, "what is refused leaves nothing");
        IceUdpMuxStats after = memory.Mux.GetStats();
        Assert.That(after, Is.EqualTo(before with
        {
            RoutedByUsername = before.RoutedByUsername + (Flood / 4),
            UnknownUsername = before.UnknownUsername + (Flood / 4),
            UnknownTransaction = before.UnknownTransaction + (Flood / 4),
            UnknownSource = before.UnknownSource + (Flood / 4),
        }));
        Assert.That(memory.Pair.Left.GetStats().StunDrops[DropReason.BadIntegrity], Is.EqualTo(bad + (Flood / 4)));
        Assert.That(memory.Pair.Left.RemoteCandidates, Has.Count.EqualTo(1));
        Assert.That(memory.Pair.Right.TrySend([7]), Is.True);
        IceReceiveResult received = await memory.Pair.Left.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(received.RemoteEndPoint, Is.EqualTo(peer));
        await memory.Pair.AdvanceUntilAsync(() => memory.Pair.Time.GetTimestamp() > TimeSpan.FromSeconds(40).Ticks, TimeSpan.FromSeconds(41));
        Assert.That(memory.Pair.Left.State, Is.EqualTo(IceConnectionState.Connected), "consent goes on");
    }

    [Test]
    public async Task Hostile_bytes_neither_throw_nor_reach_the_application()
    {
        CapturingLoggerFactory logs = new();
        int delivered = 0;
        await using MemoryMux memory = new(options => options with { LoggerFactory = logs }, options => options with
        {
            LoggerFactory = logs,
            DatagramHandler = (_, _, _) => delivered++,
        });
        await memory.ConnectAsync();
        byte[] valid = Request(memory.Pair.Left.LocalParameters.UsernameFragment + ":x");
        Random random = new(7);
        byte[] bytes = new byte[3000];
        var source = new IPEndPoint(IPAddress.Parse("203.0.113.9"), 9).Serialize();
        for (int i = 0; i < 50_000; i++)
        {
            random.NextBytes(bytes);
            valid.AsSpan(0, random.Next(valid.Length + 1)).CopyTo(bytes);
            bytes[random.Next(60)] = (byte)random.Next(256);
            memory.Receiver.OnDatagram(bytes.AsSpan(0, i % 50 == 0 ? 2049 : random.Next(200)), source, null);
        }

        Assert.That(memory.Mux.GetStats().TooLarge, Is.EqualTo(1000));
        Assert.That(delivered, Is.Zero);
        Assert.That(logs.Lines, Has.None.StartsWith("Error"));
        Assert.That(memory.Mux.GetStats().RemoteAddresses, Is.EqualTo(1));
    }

    [Test]
    public async Task Who_has_a_password_takes_no_address_from_another_by_forging_it()
    {
        await using MemoryMux memory = new();
        await memory.ConnectAsync();
        // The peer of a second agent knows that agent's password, and puts the first agent's peer into its datagrams as the sender.
        await using IceAgent victim = new(new IceAgentOptions { Mux = memory.Mux, Role = IceRole.Controlled, TimeProvider = memory.Pair.Time });
        victim.StartGathering();
        IceParameters attacker = new("evil", "abcdefghijklmnopqrstuvwx");
        victim.SetRemoteParameters(attacker);
        IPEndPoint peer = memory.Pair.Right.LocalCandidates[0].Address.ToIPEndPoint();
        byte[] check = Request($"{victim.LocalParameters.UsernameFragment}:evil", victim.LocalParameters.Password);
        memory.Receiver.OnDatagram(check, peer.Serialize(), null);
        Assert.That(victim.RemoteCandidates, Has.Count.EqualTo(1), "the check was right");
        await memory.Pair.AdvanceUntilAsync(() => memory.Pair.Time.GetTimestamp() > TimeSpan.FromSeconds(10).Ticks, TimeSpan.FromSeconds(11));

        Assert.That(memory.Pair.Right.TrySend([7]), Is.True);
        await memory.Pair.Left.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(victim.GetStats().PacketsReceived, Is.Zero);
        Assert.That(memory.Mux.GetStats().RoutedBySharedAddress, Is.Zero);
    }

    private static byte[] Request(string username, string password = "the wrong password of 22")
    {
        StunWriter writer = new(new byte[200], StunMethod.Binding, StunClass.Request, TransactionId.Create(EntropySource.Secure));
        writer.Add(StunAttributeType.Username, Encoding.UTF8.GetBytes(username));
        writer.AddUInt32(StunAttributeType.Priority, 1 << 24);
        writer.AddUInt64(StunAttributeType.IceControlling, 1);
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private static byte[] Response()
    {
        StunWriter writer = new(new byte[200], StunMethod.Binding, StunClass.SuccessResponse, TransactionId.Create(EntropySource.Secure));
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, TransportAddress.Parse("192.0.2.1", 1));
        return writer.Written.ToArray();
    }
}

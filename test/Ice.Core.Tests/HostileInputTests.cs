using System.Buffers.Binary;
using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

/// <summary>Whatever comes from the network: no exception, no change of state without credentials, every refusal counted.</summary>
[TestFixture]
[Rfc(8445, "19.2")]
internal sealed class HostileInputTests
{
    private const int Mutations = 320_000;
    private static readonly BaseId s_base = new(1);
    private static readonly IcePath s_path = new(s_base, At("10.0.0.2:1"));

    [TestCase(20260101)]
    public void Mutated_messages_never_throw_never_change_anything_and_are_all_counted(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        TestAgent agent = Running(out ScriptedPeer peer, out byte[][] originals);
        var random = new Random(seed);
        State before = State.Of(agent);
        long handled = 0;
        long notStun = 0;
        long dropped = 0;
        byte[] buffer = new byte[1500];
        byte[] output = new byte[1280];
        for (int i = 0; i < Mutations; i++)
        {
            byte[] original = originals[random.Next(originals.Length)];
            int length = Mutate(random, original, buffer);
            ReadOnlySpan<byte> datagram = buffer.AsSpan(0, length);
            // What equals an original, or differs only in what integrity does not cover, is not hostile; the mutator avoids it.
            IcePath path = random.Next(4) == 0 ? new IcePath(s_base, At($"10.66.{random.Next(256)}.{random.Next(256)}:{random.Next(1, 65536)}")) : s_path;
            InputResult result = agent.Core.HandleDatagram(path, datagram, agent.Now);
            switch (result)
            {
                case InputResult.Handled:
                    handled++;
                    Assert.That(IsHarmlessIndication(datagram), Is.True, $"mutation {i} of seed {seed} was taken: {Convert.ToHexString(datagram)}");
                    break;
                case InputResult.NotStun:
                    notStun++;
                    break;
                default:
                    dropped++;
                    break;
            }

            while (agent.Core.TryGetTransmit(output, out Transmit transmit))
            {
                var message = WireMessage.Parse(output.AsSpan(0, transmit.Length));
                Assert.That(message.IsError, Is.True, "nothing but error responses leaves");
                Assert.That(transmit.Path, Is.EqualTo(path));
                Assert.That(transmit.Length, Is.LessThanOrEqualTo(200), "no amplification");
            }

            Assert.That(agent.Core.TryGetEvent(out IceEvent? value), Is.False, $"mutation {i} of seed {seed} caused {value}");
        }

        TestContext.Out.WriteLine($"dropped {dropped}, not STUN {notStun}, handled (indications) {handled}");
        Assert.Multiple(() =>
        {
            Assert.That(agent.TotalDrops() - before.Drops, Is.EqualTo(dropped), "each refusal under exactly one reason");
            Assert.That(dropped, Is.GreaterThan(Mutations / 2));
            Assert.That(State.Of(agent) with { Drops = before.Drops }, Is.EqualTo(before));
            foreach (DropReason reason in new[] { DropReason.Malformed, DropReason.Rfc3489, DropReason.BadFingerprint, DropReason.BadIntegrity, DropReason.UnknownUsername, DropReason.UnknownTransaction })
                Assert.That(agent.Core.GetDropCount(reason), Is.Positive, $"{reason}: the mutator reaches it");
        });

        // And it still works.
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        agent.Advance(S(60));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1").Single().Message.IsSuccess, Is.True);
    }

    [TestCase(7)]
    public void Random_bytes_of_any_length_never_throw(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        TestAgent agent = Running(out _, out _);
        State before = State.Of(agent);
        var random = new Random(seed);
        byte[] buffer = new byte[2048];
        for (int i = 0; i < 100_000; i++)
        {
            int length = random.Next(i % 10 == 0 ? 2048 : 64);
            random.NextBytes(buffer.AsSpan(0, length));
            if (length > 0 && i % 2 == 0)
                buffer[0] &= 0x3F;
            if (length >= 8 && i % 4 == 0)
                BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(4), StunMessage.MagicCookie);
            if (length >= 4 && i % 8 == 0)
                BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), (ushort)Math.Max(0, length - 20));
            agent.Core.HandleDatagram(s_path, buffer.AsSpan(0, length), agent.Now);
        }

        agent.Settle();
        Assert.That(State.Of(agent) with { Drops = before.Drops }, Is.EqualTo(before));
    }

    [Test]
    [Rfc(8445, "7.2.5.2.1")]
    public void A_flood_of_forged_responses_during_the_checks_changes_nothing()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.Signal("10.0.0.2:1");
        SentDatagram check = agent.Checks.Single();
        Craft sound = peer.SuccessCraft(check, At("203.0.113.66:6"));
        for (int i = 0; i < 10_000; i++)
        {
            // The attacker knows the transaction identifier but not the password.
            agent.Receive(check.Path, peer.Bytes(sound with { Password = $"guess{i:00000000000000000000}" }));
            agent.Receive(check.Path with { Remote = At("10.0.0.66:1") }, peer.Bytes(sound with { Password = null }));
        }

        Assert.Multiple(() =>
        {
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.InProgress));
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(1));
            Assert.That(agent.TotalDrops(), Is.EqualTo(20_000));
        });
        peer.Succeed(check, "10.0.0.1:5000");
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    [Test]
    [Rfc(8445, "19.5.1")]
    public void A_peer_that_checks_from_ten_thousand_addresses_is_bounded()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.Signal("10.0.0.2:1");
        for (int i = 0; i < 10_000; i++)
            agent.Receive(new IcePath(s_base, At($"10.{1 + (i / 250)}.{i % 250}.2:1")), peer.Bytes(peer.Check()));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Pairs, Has.Count.LessThanOrEqualTo(100));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.LessThanOrEqualTo(1000));
            Assert.That(agent.Core.GetDropCount(DropReason.LimitReached), Is.Positive);
        });
    }

    [Test]
    public void Ten_thousand_signalled_candidates_are_bounded()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        for (int i = 0; i < 10_000; i++)
            peer.Add(Host($"10.{1 + (i / 250)}.{i % 250}.2:1", Priority(HostPreference, i), $"f{i}"));
        Assert.That(agent.Pairs, Has.Count.LessThanOrEqualTo(100));
        Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.LessThanOrEqualTo(1000));
    }

    [Test]
    [Rfc(8838, "13")]
    public void A_check_to_a_base_that_waits_for_the_next_session_is_answered_and_leads_to_nothing()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        agent.Do(agent.Core.EndGatheringInputs);
        Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
        agent.Forget();
        BaseId late = agent.AddHost("10.0.7.1:5000", localPreference: 65534);
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.SignalParameters();
        SentDatagram[] sent = [.. peer.SendCheck(late, "10.0.0.2:1", useCandidate: true)];
        agent.Advance(S(5));
        Assert.Multiple(() =>
        {
            Assert.That(sent.Single().Message.IsSuccess, Is.True);
            Assert.That(agent.Checks, Is.Empty);
            Assert.That(agent.EventsOf<IceEvent.LocalCandidate>(), Is.Empty, "no candidate after end-of-candidates");
        });
    }

    private static bool IsHarmlessIndication(ReadOnlySpan<byte> datagram) =>
        StunMessage.TryParse(datagram, out StunMessage message, out _) && message.Type == new StunType(StunMethod.Binding, StunClass.Indication);

    private static TestAgent Running(out ScriptedPeer peer, out byte[][] originals)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, IceRole.Controlling);
        ScriptedPeer p = peer;
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1");
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(S(9));
        agent.Network = null;
        agent.Advance(S(7));
        Assert.That(agent.Selected, Is.Not.Null);
        // Consent checks of the last seconds are under way: their answers are what a forger would like to write.
        SentDatagram pending = agent.Checks.Last();
        Assert.That(agent.Now - pending.At, Is.LessThan(S(6)));
        originals =
        [
            peer.Bytes(peer.Check()),
            peer.Bytes(peer.Check(useCandidate: true)),
            peer.Bytes(peer.Check(role: IceRole.Controlled)),
            peer.Success(pending, At("203.0.113.66:6")),
            peer.Error(pending, 403),
            peer.Error(pending, 487),
            p.Bytes(new Craft { Class = StunClass.Indication }),
        ];
        return agent;
    }

    /// <summary>Changes what MESSAGE-INTEGRITY or FINGERPRINT covers, and mends the lengths and FINGERPRINT half of the time.</summary>
    private static int Mutate(Random random, byte[] original, byte[] buffer)
    {
        original.CopyTo(buffer, 0);
        int length = original.Length;
        int end = IntegrityEnd(original);
        switch (random.Next(6))
        {
            case 0: // bits
                for (int n = random.Next(1, 5); n > 0; n--)
                    buffer[random.Next(end)] ^= (byte)(1 << random.Next(8));
                break;
            case 1: // bytes
                for (int n = random.Next(1, 9); n > 0; n--)
                    buffer[random.Next(end)] = (byte)random.Next(256);
                break;
            case 2: // cut
                length = random.Next(length);
                break;
            case 3: // append
                int more = random.Next(1, 200);
                random.NextBytes(buffer.AsSpan(length, more));
                length += more;
                break;
            case 4: // an attribute's type or length
                int at = 20 + (4 * random.Next(Math.Max(1, (end - 20) / 4)));
                BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(at + (2 * random.Next(2))), (ushort)random.Next(65536));
                break;
            default: // the header
                buffer[random.Next(20)] = (byte)random.Next(256);
                break;
        }

        if (random.Next(2) == 0 && length >= 28)
        {
            length &= ~3;
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), (ushort)(length - 20));
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(length - 8), (ushort)StunAttributeType.Fingerprint);
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(length - 6), 4);
            BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(length - 4), Crc(buffer.AsSpan(0, length - 8)) ^ 0x5354554E);
        }

        // The same as before, or sound again by chance: spoil the transaction identifier, which integrity covers.
        if (length == original.Length && buffer.AsSpan(0, end).SequenceEqual(original.AsSpan(0, end)))
            buffer[8 + random.Next(12)] ^= 0x40;
        return length;
    }

    private static int IntegrityEnd(byte[] message)
    {
        for (int at = 20; at + 4 <= message.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at + 2));
            if (BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at)) == (ushort)StunAttributeType.MessageIntegrity)
                return at + 4 + length;
            at += 4 + ((length + 3) & ~3);
        }

        return message.Length;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFF_FFFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1;
        }

        return ~crc;
    }

    private sealed record State(IceConnectionState Connection, IceRole Role, int? Selected, string Pairs, string Locals, string Remotes, Instant Next, long Drops)
    {
        public static State Of(TestAgent agent) => new(
            agent.Core.State,
            agent.Core.Role,
            agent.Selected?.Id,
            string.Join(';', agent.Pairs.Select(p => $"{p.Id} {p.State} {p.Nominated} {p.Selected} {p.Path} {p.Priority}")),
            string.Join(';', agent.Core.GetLocalCandidates().Select(c => c.Address)),
            string.Join(';', agent.Core.GetRemoteCandidates().Select(c => c.Address)),
            agent.Core.NextTimeout,
            agent.TotalDrops());
    }
}

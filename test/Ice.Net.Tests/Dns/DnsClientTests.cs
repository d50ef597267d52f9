using System.Net;
using System.Net.Sockets;
using Ice.Testing;

namespace Ice.Net.Tests;

internal sealed class DnsClientTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Test]
    public async Task Records_of_every_type_are_read()
    {
        Assert.That(((DnsRecord.Address)(await OneAsync(DnsRecordType.A, DnsZone.Address("192.0.2.1")))!).Value, Is.EqualTo(IPAddress.Parse("192.0.2.1")));
        Assert.That(((DnsRecord.Address)(await OneAsync(DnsRecordType.Aaaa, DnsZone.Address("2001:db8::1")))!).Value, Is.EqualTo(IPAddress.Parse("2001:db8::1")));
        var service = (DnsRecord.Service)(await OneAsync(DnsRecordType.Srv, DnsZone.Service(1, 2, 5000, "A.example.net")))!;
        Assert.That((service.Priority, service.Weight, service.Port, service.Target), Is.EqualTo((1, 2, 5000, "a.example.net")));
        var pointer = (DnsRecord.Pointer)(await OneAsync(DnsRecordType.Naptr, DnsZone.Pointer(100, 10, "S", "RELAY:turn.udp", "_turn._udp.example.net")))!;
        Assert.That((pointer.Order, pointer.Preference, pointer.Flags, pointer.Services, pointer.Replacement),
            Is.EqualTo((100, 10, "S", "RELAY:turn.udp", "_turn._udp.example.net")));
    }

    [Test]
    public async Task A_truncated_answer_is_asked_for_over_TCP()
    {
        using LoopbackNameServer server = new(
            query => DnsZone.Answer(query, 0, truncated: true),
            query => DnsZone.Answer(query, 0, truncated: false, (1, 60, DnsZone.Address("192.0.2.7"))));
        var client = new DnsClient([server.EndPoint]);
        IReadOnlyList<DnsRecord> records = await client.QueryAsync("example.net", DnsRecordType.A, CancellationToken.None).WaitAsync(s_limit);
        Assert.That(records.OfType<DnsRecord.Address>().Single().Value, Is.EqualTo(IPAddress.Parse("192.0.2.7")));
    }

    [Test]
    public async Task An_answer_is_kept_for_its_TTL_and_asked_for_again_after_it()
    {
        using LoopbackNameServer server = new(query => DnsZone.Answer(query, 0, truncated: false, (1, 60, DnsZone.Address("192.0.2.7"))));
        var time = new SteppedTime();
        var client = new DnsClient([server.EndPoint], time);
        await QueryAtAsync(client, time, 0, 1, server);
        await QueryAtAsync(client, time, 59, 1, server);
        await QueryAtAsync(client, time, 61, 2, server);
    }

    [Test]
    public async Task A_name_that_does_not_exist_has_no_records_and_a_server_that_fails_is_an_error_with_its_reason()
    {
        using LoopbackNameServer missing = new(query => DnsZone.Answer(query, 3, truncated: false));
        Assert.That(await new DnsClient([missing.EndPoint]).QueryAsync("nowhere.example.net", DnsRecordType.Srv, CancellationToken.None).WaitAsync(s_limit), Is.Empty);
        using LoopbackNameServer failing = new(query => DnsZone.Answer(query, 2, truncated: false));
        Assert.That(async () => await new DnsClient([failing.EndPoint]).QueryAsync("example.net", DnsRecordType.Srv, CancellationToken.None).WaitAsync(s_limit),
            Throws.InstanceOf<IOException>().With.Message.Contains("code 2"));
    }

    [Test]
    public async Task An_answer_with_another_id_or_question_is_overlooked()
    {
        using LoopbackNameServer server = new(
            query =>
            {
                byte[] right = DnsZone.Answer(query, 0, truncated: false, (1, 60, DnsZone.Address("192.0.2.7")));
                byte[] forged = DnsZone.Answer(query, 0, truncated: false, (1, 60, DnsZone.Address("203.0.113.66")));
                forged[0] ^= 1;
                byte[] other = DnsZone.Answer(query, 0, truncated: false, (1, 60, DnsZone.Address("203.0.113.66")));
                other[13] = (byte)'x';
                return [forged, other, right];
            });
        IReadOnlyList<DnsRecord> records = await new DnsClient([server.EndPoint]).QueryAsync("example.net", DnsRecordType.A, CancellationToken.None).WaitAsync(s_limit);
        Assert.That(records.OfType<DnsRecord.Address>().Single().Value, Is.EqualTo(IPAddress.Parse("192.0.2.7")));
    }

    [Test]
    public void Mutated_answers_never_throw([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        byte[] query = DnsMessage.WriteQuery(7, "example.net", DnsRecordType.Naptr)!;
        byte[] answer = DnsZone.Answer(query, 0, truncated: false, (35, 60, DnsZone.Pointer(1, 2, "S", "RELAY:turn.udp", "a.b.c")), (35, 60, DnsZone.Pointer(1, 2, "", "RELAY:turn.tcp", "d.e.f")));
        int round = 0;
        void Read()
        {
            byte[] mutated = answer[..random.Next(answer.Length + 1)];
            for (int n = random.Next(6); n > 0 && mutated.Length > 0; n--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            _ = DnsMessage.TryRead(mutated, 7, "example.net", DnsRecordType.Naptr);
        }

        // One assertion for all of them: each costs many times what it looks at.
        Assert.That(
            () =>
            {
                for (; round < 100_000; round++)
                    Read();
            },
            Throws.Nothing,
            () => $"seed {seed}, round {round}");
    }

    [Test]
    public void The_nameserver_lines_of_resolv_conf_are_read()
    {
        string[] lines = ["# a comment", "search example.net", "nameserver 192.0.2.53", "nameserver\t2001:db8::53 ", "nameserver none"];
        Assert.That(NameServers.Parse(lines), Is.EqualTo(new[] { IPAddress.Parse("192.0.2.53"), IPAddress.Parse("2001:db8::53") }));
    }

    private static async Task QueryAtAsync(DnsClient client, SteppedTime time, int seconds, int queries, LoopbackNameServer server)
    {
        time.Seconds = seconds;
        IReadOnlyList<DnsRecord> records = await client.QueryAsync("Example.net.", DnsRecordType.A, CancellationToken.None).WaitAsync(s_limit);
        Assert.That(records, Has.Count.EqualTo(1));
        Assert.That(server.Queries, Is.EqualTo(queries), $"after {seconds} s");
    }

    private static async Task<DnsRecord?> OneAsync(DnsRecordType type, byte[] data)
    {
        using LoopbackNameServer server = new(query => DnsZone.Answer(query, 0, truncated: false, ((int)type, 60, data)));
        return (await new DnsClient([server.EndPoint]).QueryAsync("example.net", type, CancellationToken.None).WaitAsync(s_limit)).Single();
    }

    private sealed class SteppedTime : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}

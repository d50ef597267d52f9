using System.Net;
using System.Net.Sockets;
using Ice.Testing;

namespace Ice.Net.Tests;

public sealed class MdnsResolverTests
{
    private const string Name = "0b1c2d3e.local";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    [Rfc(6762, "5.1")]
    public async Task A_name_is_asked_for_and_the_first_answer_counts(string local)
    {
        using Socket responder = OpenResponder(local);
        MdnsResolver resolver = MakeResolver(responder, local);
        Task<IReadOnlyList<IPAddress>> resolving = resolver.ResolveAsync(Name, CancellationToken.None);
        (ushort id, IPEndPoint querier) = await ReadQueryAsync(responder);
        Assert.That(querier.Port, Is.Not.EqualTo(5353));
        await responder.SendToAsync(DnsAnswer.Make((ushort)(id + 1), Name, IPAddress.Parse("192.0.2.66")), querier);
        await responder.SendToAsync(new byte[] { 1, 2, 3 }, querier);
        await responder.SendToAsync(DnsAnswer.Make(id, Name, IPAddress.Parse("192.0.2.1")), querier);

        Assert.That(await resolving.WaitAsync(s_limit), Is.EqualTo(new[] { IPAddress.Parse("192.0.2.1") }));
    }

    [Test]
    [Rfc(6762, "18.1")]
    public async Task An_answer_to_the_group_counts_too_whatever_its_id([Values(0, 0xDE)] int id)
    {
        using Socket responder = OpenResponder("127.0.0.1");
        IPEndPoint group = FreePort();
        MdnsResolver resolver = MakeResolver(responder, "127.0.0.1", listenOn: group);
        Task<IReadOnlyList<IPAddress>> resolving = resolver.ResolveAsync(Name, CancellationToken.None);
        await ReadQueryAsync(responder);
        await responder.SendToAsync(DnsAnswer.Make((ushort)id, "other.local", IPAddress.Parse("192.0.2.66")), group);
        await responder.SendToAsync(DnsAnswer.Make((ushort)id, Name, IPAddress.Parse("192.0.2.1")), group);

        Assert.That(await resolving.WaitAsync(s_limit), Is.EqualTo(new[] { IPAddress.Parse("192.0.2.1") }));
    }

    [Test]
    [Rfc(6762, "5.2")]
    public async Task A_query_that_is_lost_is_asked_again_until_there_is_an_answer()
    {
        using Socket responder = OpenResponder("127.0.0.1");
        MdnsResolver resolver = MakeResolver(responder, "127.0.0.1", firstRepeat: TimeSpan.FromMilliseconds(1));
        Task<IReadOnlyList<IPAddress>> resolving = resolver.ResolveAsync(Name, CancellationToken.None);
        (ushort first, _) = await ReadQueryAsync(responder);
        (ushort second, _) = await ReadQueryAsync(responder);
        (ushort third, IPEndPoint querier) = await ReadQueryAsync(responder);
        Assert.That(new[] { second, third }, Is.All.EqualTo(first));
        await responder.SendToAsync(DnsAnswer.Make(third, Name, IPAddress.Parse("192.0.2.1")), querier);

        Assert.That(await resolving.WaitAsync(s_limit), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_an_answer_it_ends_empty()
    {
        using Socket responder = OpenResponder("127.0.0.1");
        MdnsResolver resolver = MakeResolver(responder, "127.0.0.1", TimeSpan.FromMilliseconds(50));
        Assert.That(await resolver.ResolveAsync(Name, CancellationToken.None).WaitAsync(s_limit), Is.Empty);
    }

    [Test]
    public async Task Cancellation_ends_it()
    {
        using Socket responder = OpenResponder("127.0.0.1");
        MdnsResolver resolver = MakeResolver(responder, "127.0.0.1");
        using CancellationTokenSource cancel = new();
        Task resolving = resolver.ResolveAsync(Name, cancel.Token);
        await ReadQueryAsync(responder);
        await cancel.CancelAsync();
        await Assert.ThatAsync(() => resolving.WaitAsync(s_limit), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task An_address_that_cannot_be_asked_from_does_not_spoil_the_others()
    {
        using Socket responder = OpenResponder("127.0.0.1");
        MdnsResolver resolver = MakeResolver(responder, "192.0.2.77", null, "127.0.0.1");
        Task<IReadOnlyList<IPAddress>> resolving = resolver.ResolveAsync(Name, CancellationToken.None);
        (ushort id, IPEndPoint querier) = await ReadQueryAsync(responder);
        await responder.SendToAsync(DnsAnswer.Make(id, Name, IPAddress.Parse("192.0.2.1")), querier);
        Assert.That(await resolving.WaitAsync(s_limit), Has.Count.EqualTo(1));
    }

    [Test]
    [Rfc(6762, "11")]
    public void An_answer_from_another_link_is_told_by_its_source()
    {
        HostAddress local = new() { Address = IPAddress.Parse("192.0.2.10"), PrefixLength = 28 };
        Assert.Multiple(() =>
        {
            Assert.That(HostAddressSelection.IsOnLink(local, IPAddress.Parse("192.0.2.14")), Is.True);
            Assert.That(HostAddressSelection.IsOnLink(local, IPAddress.Parse("192.0.2.17")), Is.False);
            Assert.That(HostAddressSelection.IsOnLink(local, IPAddress.Parse("169.254.1.1")), Is.True);
            Assert.That(HostAddressSelection.IsOnLink(local, IPAddress.Parse("2001:db8::1")), Is.False);
        });
    }

    [Test]
    public async Task The_resolver_of_all_names_sends_only_local_ones_to_multicast()
    {
        MulticastOnly multicast = new();
        NameResolver resolver = new(multicast);
        Assert.That(await resolver.ResolveAsync("a.local", CancellationToken.None), Is.EqualTo(new[] { IPAddress.Parse("192.0.2.5") }));
        Assert.That(await resolver.ResolveAsync("192.0.2.9", CancellationToken.None), Is.EqualTo(new[] { IPAddress.Parse("192.0.2.9") }));
        Assert.That(await resolver.ResolveAsync("localhost", CancellationToken.None), Is.Not.Empty.And.All.Matches<IPAddress>(IPAddress.IsLoopback));
        Assert.That(multicast.Asked, Is.EqualTo(new[] { "a.local" }));
    }

    private static IPEndPoint FreePort()
    {
        using Socket socket = OpenResponder("127.0.0.1");
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static Socket OpenResponder(string address)
    {
        IPAddress local = IPAddress.Parse(address);
        Socket socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(local, 0));
        return socket;
    }

    private static MdnsResolver MakeResolver(Socket responder, string local, TimeSpan? timeout = null, string? second = null, IPEndPoint? listenOn = null, TimeSpan? firstRepeat = null)
    {
        HostAddress[] addresses = [.. new[] { local, second }.Where(static text => text is not null).Select(static text => new HostAddress { Address = IPAddress.Parse(text!), PrefixLength = 8 })];
        return new MdnsResolver(() => addresses)
        {
            Server = (IPEndPoint)responder.LocalEndPoint!,
            ListenOn = listenOn ?? new IPEndPoint(IPAddress.Loopback, 0),
            Timeout = timeout ?? s_limit,
            FirstRepeat = firstRepeat ?? s_limit,
        };
    }

    private static async Task<(ushort Id, IPEndPoint Querier)> ReadQueryAsync(Socket responder)
    {
        byte[] buffer = new byte[512];
        IPEndPoint any = new(responder.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        SocketReceiveFromResult received = await responder.ReceiveFromAsync(buffer, any).WaitAsync(s_limit);
        byte[] expected = new byte[MdnsMessage.MaxQueryLength];
        int length = MdnsMessage.WriteQuery(expected, DnsAnswer.IdOf(buffer), Name);
        Assert.That(buffer[..received.ReceivedBytes], Is.EqualTo(expected[..length]));
        return (DnsAnswer.IdOf(buffer), (IPEndPoint)received.RemoteEndPoint);
    }

    private sealed class MulticastOnly : INameResolver
    {
        public List<string> Asked { get; } = [];

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            Asked.Add(name);
            return Task.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Parse("192.0.2.5")]);
        }
    }
}

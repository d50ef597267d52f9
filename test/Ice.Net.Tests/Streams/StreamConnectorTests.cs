using System.Net;
using System.Net.Sockets;
using Ice.Testing;

namespace Ice.Net.Tests;

public sealed class StreamConnectorTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Test]
    public async Task It_leaves_from_the_local_address_that_it_was_given()
    {
        using Socket listener = Listen();
        using CancellationTokenSource limit = new(s_limit);
        using Socket socket = await ConnectAsync(IPAddress.Parse("127.0.0.2"), limit.Token, EndPoint(listener));
        Assert.That(((IPEndPoint)socket.LocalEndPoint!).Address, Is.EqualTo(IPAddress.Parse("127.0.0.2")));
        Assert.That(socket.NoDelay, Is.True);
    }

    [Test]
    public async Task An_address_that_refuses_makes_room_for_the_next_one()
    {
        using Socket refusing = Listen();
        IPEndPoint refused = EndPoint(refusing);
        refusing.Dispose();
        using Socket listener = Listen();
        using CancellationTokenSource limit = new(s_limit);
        using Socket socket = await ConnectAsync(null, limit.Token, refused, refused, EndPoint(listener));
        Assert.That(socket.RemoteEndPoint, Is.EqualTo(EndPoint(listener)));
    }

    [Test]
    [Rfc(8305, "5")]
    public async Task An_address_that_does_not_answer_is_overtaken_by_the_next_one()
    {
        using Socket silent = Listen(backlog: 0);
        using CancellationTokenSource limit = new(s_limit);
        List<Socket> filling = await FillAsync(silent);
        using Socket listener = Listen();
        using Socket socket = await ConnectAsync(null, limit.Token, EndPoint(silent), EndPoint(listener));
        Assert.That(socket.RemoteEndPoint, Is.EqualTo(EndPoint(listener)));
        filling.ForEach(static s => s.Dispose());
    }

    [Test]
    public void When_all_refuse_the_last_refusal_is_thrown()
    {
        using Socket refusing = Listen();
        IPEndPoint refused = EndPoint(refusing);
        refusing.Dispose();
        SocketException? exception = Assert.ThrowsAsync<SocketException>(() => ConnectAsync(null, CancellationToken.None, refused, refused));
        Assert.That(exception!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public async Task Cancellation_ends_every_attempt()
    {
        using Socket silent = Listen(backlog: 0);
        List<Socket> filling = await FillAsync(silent);
        using CancellationTokenSource cancellation = new();
        Task<Socket> connecting = ConnectAsync(null, cancellation.Token, EndPoint(silent), EndPoint(silent));
        Assert.That(connecting.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => connecting.WaitAsync(s_limit));
        filling.ForEach(static s => s.Dispose());
    }

    private static Task<Socket> ConnectAsync(IPAddress? local, CancellationToken cancellationToken, params IPEndPoint[] remotes) =>
        StreamConnector.ConnectAsync(local, remotes, TimeProvider.System, cancellationToken);

    private static Socket Listen(int backlog = 10)
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(backlog);
        return listener;
    }

    private static IPEndPoint EndPoint(Socket listener) => (IPEndPoint)listener.LocalEndPoint!;

    // Connects until the listener's queue is full: whoever comes after that gets no answer.
    private static async Task<List<Socket>> FillAsync(Socket listener)
    {
        List<Socket> sockets = [];
        while (true)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(100));
            try
            {
                await socket.ConnectAsync(EndPoint(listener), patience.Token);
            }
            catch (OperationCanceledException)
            {
                return sockets;
            }
        }
    }
}

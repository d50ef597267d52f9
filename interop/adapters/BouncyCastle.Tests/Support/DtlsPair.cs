using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle.Tests;

/// <summary>A DTLS association between two agents.</summary>
internal sealed class DtlsPair : IAsyncDisposable
{
    private DtlsPair(IceDatagramTransport left, IceDatagramTransport right)
    {
        LeftTransport = left;
        RightTransport = right;
    }

    public IceDatagramTransport LeftTransport { get; }

    public IceDatagramTransport RightTransport { get; }

    public DtlsTransport Left { get; private set; } = null!;

    public DtlsTransport Right { get; private set; } = null!;

    public SrtpClient Client { get; private set; } = null!;

    public SrtpServer Server { get; private set; } = null!;

    public static async Task<DtlsPair> ConnectedAsync(AgentPair agents, Func<IceDatagramTransportOptions, IceDatagramTransportOptions>? change = null, int padding = 0)
    {
        IceDatagramTransportOptions options = change?.Invoke(new IceDatagramTransportOptions()) ?? new IceDatagramTransportOptions();
        DtlsPair pair = new(new IceDatagramTransport(agents.Left.Components[0], options), new IceDatagramTransport(agents.Right.Components[0], options));
        DtlsIdentity left = new(padding);
        DtlsIdentity right = new(padding);
        pair.Client = new SrtpClient(left, right.Fingerprint);
        pair.Server = new SrtpServer(right, left.Fingerprint);
        Task<DtlsTransport> server = OnThread(() => new DtlsServerProtocol().Accept(pair.Server, pair.RightTransport));
        Task<DtlsTransport> client = OnThread(() => new DtlsClientProtocol().Connect(pair.Client, pair.LeftTransport));
        await Task.WhenAll(server, client).WaitAsync(AgentPair.Limit);
        pair.Left = await client;
        pair.Right = await server;
        return pair;
    }

    public static Task<T> OnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Sends one message and receives it on the other side.</summary>
    public static Task<byte[]> CarryAsync(DtlsTransport from, DtlsTransport to, byte[] data)
    {
        from.Send(data);
        return OnThread(() => ReceiveOne(to)).WaitAsync(AgentPair.Limit);
    }

    public async ValueTask DisposeAsync()
    {
        Left?.Close();
        Right?.Close();
        await LeftTransport.DisposeAsync();
        await RightTransport.DisposeAsync();
    }

    private static byte[] ReceiveOne(DtlsTransport dtls)
    {
        byte[] buffer = new byte[dtls.GetReceiveLimit()];
        int length = dtls.Receive(buffer, (int)AgentPair.Limit.TotalMilliseconds);
        return buffer[..length];
    }
}

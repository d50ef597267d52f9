using Stun;

namespace Turn.Tests.Client;

/// <summary>A client and a scripted server in virtual time. Answers come at once; what the client sends and tells is recorded with its time.</summary>
internal sealed class ClientHarness
{
    public static readonly TransportAddress Peer = TransportAddress.Parse("192.0.2.150", 32102);
    public static readonly TransportAddress OtherPeer = TransportAddress.Parse("192.0.2.210", 49191);
    public static readonly TransportAddress PeerV6 = TransportAddress.Parse("2001:db8::77", 5000);

    public ClientHarness(Func<TurnClientOptions, TurnClientOptions>? change = null)
    {
        var options = new TurnClientOptions
        {
            Server = ScriptedServer.Address,
            Credential = new LongTermCredential(ScriptedServer.Username, ScriptedServer.Password),
            Software = "test client",
        };
        Client = new TurnClient(change is null ? options : change(options), new SeededEntropy(42), Now);
    }

    public TurnClient Client { get; }

    public ScriptedServer Server { get; } = new();

    public Instant Now { get; private set; } = Instant.Zero;

    public List<SentRequest> Sent { get; } = [];

    public List<TurnClientEvent> Events { get; } = [];

    /// <summary>Whether the server hears and answers.</summary>
    public bool Connected { get; set; } = true;

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>A client that has its allocation.</summary>
    public static ClientHarness WithAllocation(Func<TurnClientOptions, TurnClientOptions>? change = null, Action<ScriptedServer>? prepare = null)
    {
        var harness = new ClientHarness(change);
        prepare?.Invoke(harness.Server);
        harness.Do(client => client.Allocate(harness.Now));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        harness.Sent.Clear();
        harness.Events.Clear();
        return harness;
    }

    public ClientHarness Allocate()
    {
        Do(client => client.Allocate(Now));
        return this;
    }

    /// <summary>Acts on the client, then lets it and the server talk until both are quiet.</summary>
    public void Do(Action<TurnClient> action)
    {
        action(Client);
        Drain();
    }

    public void Permit(params TransportAddress[] peers) => Do(client => client.CreatePermission(peers, Now));

    public void Bind(TransportAddress peer) => Do(client => client.BindChannel(peer, Now));

    public void Close() => Do(client => client.Close(Now));

    /// <summary>Lets the time pass, waking the client exactly when it asks for it.</summary>
    public void Pass(TimeSpan duration)
    {
        Instant end = Now + duration;
        for (int wakes = 0; Client.NextTimeout <= end; wakes++)
        {
            Assert.That(wakes, Is.LessThan(10_000), "the client wakes without end");
            Now = Instant.Max(Now, Client.NextTimeout);
            Do(client => client.HandleTimeout(Now));
        }

        Now = end;
    }

    public void PassTo(double seconds) => Pass(Seconds(seconds) - Now.SinceOrigin);

    public TurnInput Receive(ReadOnlySpan<byte> message, out TurnPayload payload)
    {
        TurnInput result = Client.HandleDatagram(message, Now, out payload);
        Drain();
        return result;
    }

    public TurnInput Receive(ReadOnlySpan<byte> message) => Receive(message, out _);

    public byte[] Encode(TransportAddress peer, string text)
    {
        byte[] buffer = new byte[1500];
        int length = Client.EncodeData(peer, System.Text.Encoding.ASCII.GetBytes(text), buffer);
        return buffer[..length];
    }

    public T Single<T>()
        where T : TurnClientEvent
    {
        T[] found = [.. Events.OfType<T>()];
        Assert.That(found, Has.Length.EqualTo(1), $"{typeof(T).Name} among: {string.Join("; ", Events)}");
        return found[0];
    }

    public SentRequest[] Of(StunMethod method) => [.. Sent.Where(request => request.Method == method)];

    public double[] TimesOf(StunMethod method) => [.. Of(method).Select(static request => request.Time.TotalSeconds)];

    private void Drain()
    {
        byte[] buffer = new byte[1280];
        bool busy = true;
        for (int rounds = 0; busy; rounds++)
        {
            Assert.That(rounds, Is.LessThan(1000), "client and server talk without end");
            busy = false;
            while (Client.TryGetEvent(out TurnClientEvent? value))
                Events.Add(value);
            while (Client.TryGetTransmit(buffer, out int length))
            {
                busy = true;
                var request = new SentRequest(buffer[..length], Now);
                Sent.Add(request);
                if (Connected && Server.Answer(request) is { } answer)
                    _ = Client.HandleDatagram(answer, Now, out _);
            }
        }
    }
}

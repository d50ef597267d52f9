namespace Ice;

/// <summary>What a bridge has forwarded and what not. Thread-safe: the peer's datagrams may come on several receive loops at once.</summary>
internal sealed class BridgeCounters
{
    private long _sentToPeer;
    private long _bytesSentToPeer;
    private long _sentToApplication;
    private long _bytesSentToApplication;
    private long _givenUpForPeer;
    private long _givenUpForApplication;
    private long _refusedForPeer;
    private long _refusedForApplication;
    private long _fromStrangers;
    private long _receiveErrors;

    public void CountSentToPeer(int length)
    {
        Interlocked.Increment(ref _sentToPeer);
        Interlocked.Add(ref _bytesSentToPeer, length);
    }

    public void CountSentToApplication(int length)
    {
        Interlocked.Increment(ref _sentToApplication);
        Interlocked.Add(ref _bytesSentToApplication, length);
    }

    public void CountGivenUpForPeer() => Interlocked.Increment(ref _givenUpForPeer);

    public void CountGivenUpForApplication() => Interlocked.Increment(ref _givenUpForApplication);

    public void CountRefusedForPeer() => Interlocked.Increment(ref _refusedForPeer);

    public void CountRefusedForApplication() => Interlocked.Increment(ref _refusedForApplication);

    public void CountStranger() => Interlocked.Increment(ref _fromStrangers);

    public void CountReceiveError() => Interlocked.Increment(ref _receiveErrors);

    public IceUdpBridgeStats Read() => new()
    {
        SentToPeer = Interlocked.Read(ref _sentToPeer),
        BytesSentToPeer = Interlocked.Read(ref _bytesSentToPeer),
        SentToApplication = Interlocked.Read(ref _sentToApplication),
        BytesSentToApplication = Interlocked.Read(ref _bytesSentToApplication),
        GivenUpForPeer = Interlocked.Read(ref _givenUpForPeer),
        GivenUpForApplication = Interlocked.Read(ref _givenUpForApplication),
        RefusedForPeer = Interlocked.Read(ref _refusedForPeer),
        RefusedForApplication = Interlocked.Read(ref _refusedForApplication),
        FromStrangers = Interlocked.Read(ref _fromStrangers),
        ReceiveErrors = Interlocked.Read(ref _receiveErrors),
    };
}

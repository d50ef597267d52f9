using System.Threading.Channels;

namespace Ice;

/// <summary>Hands local candidates to every enumeration of <see cref="IceAgent.GatherAsync"/>, those gathered before included. Guarded by the driver's lock.</summary>
internal sealed class CandidateFeed
{
    private IceCandidate[] _candidates = [];
    private List<ChannelWriter<IceCandidate>>? _writers;
    private bool _ended;

    /// <summary>All candidates of this session, from the first.</summary>
    public ChannelReader<IceCandidate> Subscribe()
    {
        Channel<IceCandidate> channel = Channel.CreateUnbounded<IceCandidate>(
            new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });
        foreach (IceCandidate candidate in _candidates)
            channel.Writer.TryWrite(candidate);
        if (_ended)
            channel.Writer.TryComplete();
        else
            (_writers ??= []).Add(channel.Writer);
        return channel.Reader;
    }

    public void Add(IceCandidate candidate)
    {
        _candidates = [.. _candidates, candidate];
        foreach (ChannelWriter<IceCandidate> writer in _writers ?? [])
            writer.TryWrite(candidate);
    }

    /// <summary>Ends every enumeration: no candidate follows in this session.</summary>
    public void End()
    {
        _ended = true;
        foreach (ChannelWriter<IceCandidate> writer in _writers ?? [])
            writer.TryComplete();
        _writers = null;
    }

    /// <summary>Begins the next session.</summary>
    public void Restart()
    {
        End();
        _candidates = [];
        _ended = false;
    }
}

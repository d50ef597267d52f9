using System.Threading.Channels;

namespace Ice;

/// <summary>Hands local candidates to every enumeration of <see cref="IceAgent.GatherAsync"/>. Guarded by the driver's lock.</summary>
internal sealed class CandidateFeed
{
    private readonly List<ChannelWriter<IceCandidate>> _writers = [];

    /// <summary>All candidates of this session, from the first.</summary>
    /// <param name="gathered">Those that are known.</param>
    /// <param name="ended">Whether these are all.</param>
    public ChannelReader<IceCandidate> Subscribe(IEnumerable<IceCandidate> gathered, bool ended)
    {
        Channel<IceCandidate> channel = Channel.CreateUnbounded<IceCandidate>(
            new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });
        foreach (IceCandidate candidate in gathered)
            channel.Writer.TryWrite(candidate);
        if (ended)
            channel.Writer.TryComplete();
        else
            _writers.Add(channel.Writer);
        return channel.Reader;
    }

    public void Add(IceCandidate candidate)
    {
        foreach (ChannelWriter<IceCandidate> writer in _writers)
            writer.TryWrite(candidate);
    }

    /// <summary>Ends every enumeration: no candidate follows in this session.</summary>
    public void End()
    {
        foreach (ChannelWriter<IceCandidate> writer in _writers)
            writer.TryComplete();
        _writers.Clear();
    }
}

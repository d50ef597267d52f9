using Ice.Core;
using Stun;
using Turn;

namespace Ice.Simulation;

/// <summary>Takes what travels between an agent and its TURN servers out of its Send and Data indications and ChannelData messages.</summary>
internal sealed class RelayEnvelopes
{
    // Relayed paths are known by the peer alone: which of several relays it was does not matter to who watches.
    private static readonly BaseId s_anyRelay = new(int.MinValue);

    private readonly Dictionary<(IcePath, ushort), TransportAddress> _channels = [];

    /// <summary>A path as observers key it: the same for all relays of an agent.</summary>
    public static IcePath Normalize(IcePath path) => path.Base.Value < 0 ? path with { Base = s_anyRelay } : path;

    /// <summary>Looks into a message.</summary>
    /// <param name="path">The path that it goes over, or came over.</param>
    /// <param name="message">The message; afterwards what is in it, when it carries something.</param>
    /// <returns>The path of what is in it.</returns>
    public IcePath Open(IcePath path, ref ReadOnlySpan<byte> message)
    {
        if (ChannelData.TryParse(message, out ushort channel, out ReadOnlySpan<byte> payload))
        {
            if (!_channels.TryGetValue((path, channel), out TransportAddress bound))
                throw new InvariantViolationException($"channel {channel} of {path} carries data before it was asked for.");
            message = payload;
            return new IcePath(s_anyRelay, bound);
        }

        if (!StunMessage.TryParse(message, out StunMessage stun, out _) || !stun.TryGetPeer(out TransportAddress peer))
            return path;
        if (stun.Method == StunMethod.ChannelBind && stun.TryGetChannelNumber(out ushort number))
            _channels[(path, number)] = peer;
        if (stun.Method is not (StunMethod.Send or StunMethod.Data) || !stun.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data))
            return path;
        message = data;
        return new IcePath(s_anyRelay, peer);
    }
}

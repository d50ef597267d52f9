using System.Globalization;
using Stun;

namespace Ice.Core;

/// <summary>Numbers foundations (RFC 8445 §5.1.1.3): the same number for the same type, base address, server address and transport.</summary>
internal struct Foundations()
{
    private (Key Key, string Foundation)[] _known = [];
    private int _count;

    // RFC 8445 §5.1.1.3: "Two candidates have the same foundation when all of the following are true: ..."
    public string For(IceCandidateType type, TransportAddress baseAddress, TransportAddress server, bool withPort = false)
    {
        var key = new Key(type, baseAddress.WithPort(0), server.IsNone || withPort ? server : server.WithPort(0));
        foreach ((Key Key, string Foundation) known in _known)
        {
            if (known.Key == key)
                return known.Foundation;
        }

        string next = Next();
        _known = [.. _known, (key, next)];
        return next;
    }

    /// <summary>A foundation that no candidate has, and none will have.</summary>
    public string Next() => (++_count).ToString(CultureInfo.InvariantCulture);

    private readonly record struct Key(IceCandidateType Type, TransportAddress Base, TransportAddress Server);
}

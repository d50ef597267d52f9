namespace Stun;

/// <summary>The mapping behavior (RFC 5780 §4.3): one socket, several destinations.</summary>
internal sealed class MappingTest(ProbeContext context, ProbeSocket socket, NatServerAnswer server)
{
    private int _open;

    public void Start(Instant now, Action<Instant> done)
    {
        if (server.Other.IsNone)
        {
            done(now);
            return;
        }

        // RFC 5780 §4.3: "In test II, the client sends a Binding Request to the alternate address, but primary port." Test III follows whatever comes
        // of it: where II is not answered it still tells something, and its mapping is one more sample.
        foreach (TransportAddress destination in (ReadOnlySpan<TransportAddress>)[server.Other.WithPort(server.Server.Port), server.Other])
        {
            _open++;
            context.Ask(
                new ProbeRequest
                {
                    Socket = socket,
                    Destination = destination,
                    IsSample = true,
                    Ended = (_, _, at) =>
                    {
                        // An answer after the silence was counted is one more sample, and ends nothing.
                        if (_open > 0 && --_open == 0)
                            done(at);
                    },
                },
                now);
        }
    }
}

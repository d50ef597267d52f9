namespace Stun;

/// <summary>The filtering behavior (RFC 5780 §4.4).</summary>
/// <remarks>Tests II and III run at the same time, each from a socket of its own: what one makes the NAT remember does not change the other.</remarks>
internal sealed class FilteringTest
{
    private readonly FilterProbe _otherAddress;
    private readonly FilterProbe _otherPort;
    private readonly ProbeContext _context;
    private readonly NatServerAnswer _server;
    private int _open = 2;

    public FilteringTest(ProbeContext context, NatServerAnswer server)
    {
        _context = context;
        _server = server;
        // RFC 5780 §4.4: "In test II, the client sends a binding request to the primary address of the server with the CHANGE-REQUEST attribute set
        // to change-port and change-IP."
        _otherAddress = new FilterProbe(context, server.Server) { Change = ProbeRequest.ChangeAddress | ProbeRequest.ChangePort, ChangedSource = server.Other };
        // RFC 5780 §4.4: "In test III, the client sends a binding request to the original server address with CHANGE-REQUEST set to change-port."
        _otherPort = new FilterProbe(context, server.Server) { Change = ProbeRequest.ChangePort, ChangedSource = server.Server.WithPort(server.Other.Port) };
    }

    public NatFinding<NatFilteringBehavior> Finding
    {
        get
        {
            // RFC 5780 §4.4: "If the client receives a response, the current behavior of the NAT is Endpoint-Independent Filtering."
            if (_otherAddress.Passed)
                return new(NatFilteringBehavior.EndpointIndependent);
            if (_otherAddress.Problem is { } problem)
                return new(null, problem);
            if (!_otherAddress.Blocked)
                return new(null, "The test was not finished.");
            // A server whose second address is down looks like a filter.
            if (!_context.Samples.Exists(s => s.Value.Server.SameAddress(_server.Other)))
                return new(null, $"{_server.Other.ToIPAddress()}, the second address of the server, does not answer: its silence tells nothing.");
            // RFC 5780 §4.4: "If the client receives a response, the current behavior is Address-Dependent Filtering; if no response is received, the
            // current behavior is Address and Port-Dependent Filtering."
            if (_otherPort.Passed)
                return new(NatFilteringBehavior.AddressDependent);
            return _otherPort.Blocked
                ? new(NatFilteringBehavior.AddressAndPortDependent)
                : new(null, "It is not endpoint-independent. " + (_otherPort.Problem ?? "The test was not finished."));
        }
    }

    public void Start(Action<Instant> done)
    {
        void Count(Instant now)
        {
            if (--_open == 0)
                done(now);
        }

        _otherAddress.Start(Count);
        _otherPort.Start(Count);
    }
}

namespace Stun;

/// <summary>Tells the mapping behavior from what servers saw of one socket. Pure.</summary>
internal static class MappingInference
{
    /// <summary>Judges the mappings of one local address and port, each for another destination.</summary>
    public static NatFinding<NatMappingBehavior> Infer(IReadOnlyList<NatPortSample> samples)
    {
        if (samples.Count == 0)
            return new(null, "No server answered.");
        // RFC 5780 §4.3: "If this address and port are the same as the local IP address and port of the socket used to send the request, the client
        // knows that it is not NATed and the effective mapping will be Endpoint-Independent."
        if (samples.All(static s => s.Mapped == s.Local))
            return new(NatMappingBehavior.EndpointIndependent);
        bool portDiffers = false;
        bool portSame = false;
        bool addressDiffers = false;
        bool addressSame = false;
        for (int i = 0; i < samples.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                bool same = samples[i].Mapped == samples[j].Mapped;
                if (samples[i].Server.SameAddress(samples[j].Server))
                    _ = same ? portSame = true : portDiffers = true;
                else
                    _ = same ? addressSame = true : addressDiffers = true;
            }
        }

        // RFC 5780 §4.3: "If the XOR-MAPPED-ADDRESS matches test II, the NAT currently has Address-Dependent Mapping; if it doesn't match it currently
        // has Address and Port-Dependent Mapping."
        if (portDiffers)
            return new(NatMappingBehavior.AddressAndPortDependent);
        if (addressDiffers)
        {
            return portSame
                ? new(NatMappingBehavior.AddressDependent)
                : new(NatMappingBehavior.EndpointDependent, "It depends on the destination; whether on its port too, only two ports of one server could tell.");
        }

        if (addressSame)
            return new(NatMappingBehavior.EndpointIndependent);
        return new(null, portSame
            ? "It does not depend on the destination's port; whether it depends on its address, only a second server could tell."
            : "One server with one address and port cannot tell: ask two servers, or one with a second address (OTHER-ADDRESS, RFC 5780).");
    }
}

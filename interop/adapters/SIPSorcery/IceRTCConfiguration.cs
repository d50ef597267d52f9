using SIPSorcery.Net;

namespace Ice.SIPSorcery;

/// <summary>SIPSorcery's configuration with what it has no word for: the options of the agent.</summary>
public class IceRTCConfiguration : RTCConfiguration
{
    /// <summary>
    /// Changes the options of the agent after they were made from this configuration: <c>options => options with { ... }</c>. For example the
    /// authorities of a TURN server's certificate, DTLS to TURN servers, the pacing. Null leaves them as they are.
    /// </summary>
    /// <remarks>Called on the thread that makes the connection. The role and the handler of datagrams are the adapter's own.</remarks>
    public Func<IceAgentOptions, IceAgentOptions>? X_ConfigureAgent { get; set; }
}

using Ice.Core;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>Every log entry of the agent. Passwords never; addresses at Debug at most. Event ids 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Error, "A handler of {EventName} threw an exception; the agent goes on.")]
    public static partial void EventHandlerFailed(ILogger logger, string eventName, Exception exception);

    [LoggerMessage(1001, LogLevel.Information, "ICE state {Previous} -> {State}. {Explanation}")]
    public static partial void StateChanged(ILogger logger, IceConnectionState previous, IceConnectionState state, string? explanation);

    [LoggerMessage(1002, LogLevel.Warning, "Cannot bind a socket on interface {InterfaceName}: {Error}. Its address gives no candidate.")]
    public static partial void BindFailed(ILogger logger, string interfaceName, string error);

    [LoggerMessage(1003, LogLevel.Warning, "Server {Url}: {Reason}")]
    public static partial void ServerFailed(ILogger logger, string url, string reason);

    [LoggerMessage(1004, LogLevel.Debug, "Server {Url} answered after {Elapsed}.")]
    public static partial void ServerAnswered(ILogger logger, string url, TimeSpan elapsed);

    [LoggerMessage(1005, LogLevel.Debug, "Local candidate: {Candidate}")]
    public static partial void LocalCandidate(ILogger logger, IceCandidate candidate);

    [LoggerMessage(1006, LogLevel.Debug, "Remote candidate {Candidate} is of no use: {Reason}")]
    public static partial void RemoteCandidateIgnored(ILogger logger, IceCandidate candidate, string reason);

    [LoggerMessage(1007, LogLevel.Debug, "The name of remote candidate {Candidate} was not resolved: {Reason}")]
    public static partial void RemoteNameFailed(ILogger logger, IceCandidate candidate, string reason);

    [LoggerMessage(1008, LogLevel.Information, "The selected pair of component {Component} is {LocalType} to {RemoteType}.")]
    public static partial void PairSelected(ILogger logger, ComponentId component, IceCandidateType localType, IceCandidateType remoteType);

    [LoggerMessage(1009, LogLevel.Information, "Component {Component} may not send: consent ended.")]
    public static partial void PairLost(ILogger logger, ComponentId component);

    [LoggerMessage(1010, LogLevel.Information, "Role changed to {Role} after a role conflict.")]
    public static partial void RoleChanged(ILogger logger, IceRole role);

    [LoggerMessage(1011, LogLevel.Debug, "Receiving on {Local} reported {Error}; going on.")]
    public static partial void ReceiveError(ILogger logger, System.Net.IPEndPoint local, System.Net.Sockets.SocketError error);

    [LoggerMessage(1012, LogLevel.Warning, "Receiving on a socket of interface {InterfaceName} failed for good: {Error}. Its candidates are given up.")]
    public static partial void SocketLost(ILogger logger, string interfaceName, string error);

    [LoggerMessage(1013, LogLevel.Error, "Handling a received datagram failed; this is a defect of the library. The datagram was dropped.")]
    public static partial void DatagramFailed(ILogger logger, Exception exception);

    [LoggerMessage(1014, LogLevel.Error, "The datagram handler threw an exception; the datagram is gone.")]
    public static partial void DatagramHandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(1015, LogLevel.Debug, "Sending STUN from {Local} was refused: {Error}.")]
    public static partial void StunSendRefused(ILogger logger, System.Net.IPEndPoint local, System.Net.Sockets.SocketError error);

    [LoggerMessage(1016, LogLevel.Debug, "Server {Url}: a stream from {Local} is open.")]
    public static partial void RelayStreamOpened(ILogger logger, string url, System.Net.IPEndPoint local);

    [LoggerMessage(1017, LogLevel.Debug, "Server {Url}: the stream from {Local} has ended: {Reason}")]
    public static partial void RelayStreamClosed(ILogger logger, string url, System.Net.IPEndPoint local, string reason);

    [LoggerMessage(1018, LogLevel.Warning, "The socket on interface {InterfaceName} cannot be given DSCP {Dscp} (IceAgentOptions.Dscp): its packets leave unmarked.")]
    public static partial void DscpRefused(ILogger logger, string interfaceName, int dscp);

    [LoggerMessage(1022, LogLevel.Information, "Component {Component}: the {Side} NAT maps each destination anew, {Pattern}; {Count} mappings predicted.")]
    public static partial void PatternRead(ILogger logger, ComponentId component, string side, PortPattern pattern, int count);

    [LoggerMessage(1083, LogLevel.Information, "Local addresses changed: {Added} came and {Removed} went.")]
    public static partial void InterfacesChanged(ILogger logger, int added, int removed);

    [LoggerMessage(1084, LogLevel.Debug, "Local addresses that came: {Added}; that went: {Removed}.", SkipEnabledCheck = true)]
    public static partial void AddressesChanged(ILogger logger, string added, string removed);

    [LoggerMessage(1085, LogLevel.Warning, "The host's addresses cannot be looked at again; the sockets stay as they are.")]
    public static partial void InterfacesUnknown(ILogger logger, Exception exception);

    [LoggerMessage(1019, LogLevel.Debug, "Component {Component}: predicted {Addresses}.")]
    public static partial void PortsPredicted(ILogger logger, ComponentId component, IReadOnlyList<Stun.TransportAddress> addresses);

    [LoggerMessage(1020, LogLevel.Information, "Component {Component}: past the NAT by {Kind}; {Probes} probes sent so far.")]
    public static partial void ProbingChanged(ILogger logger, ComponentId component, IceProbing kind, long probes);

    [LoggerMessage(1021, LogLevel.Warning, "No further socket for guessing could be opened; those that there are go on.")]
    public static partial void GuessSocketFailed(ILogger logger, Exception exception);

    [LoggerMessage(1030, LogLevel.Warning, "The mux on interface {InterfaceName} has agents whose peers are at one and the same remote port: their data cannot be told apart, and goes to the agent that connected last. Is there a mux at the other end too? (Logged once.)")]
    public static partial void MuxAddressShared(ILogger logger, string interfaceName);

    [LoggerMessage(1031, LogLevel.Error, "Receiving on the mux's socket of interface {InterfaceName} failed for good: {Error}. Its agents lose their candidates there.")]
    public static partial void MuxPortLost(ILogger logger, string interfaceName, System.Net.Sockets.SocketError error);

    [LoggerMessage(1050, LogLevel.Debug, "Bridge of component {Component}: at {Local}.")]
    public static partial void BridgeStarted(ILogger logger, ComponentId component, System.Net.IPEndPoint local);

    [LoggerMessage(1051, LogLevel.Debug, "Bridge of component {Component}: the application is at {Application}.")]
    public static partial void BridgeApplicationKnown(ILogger logger, ComponentId component, System.Net.IPEndPoint application);

    [LoggerMessage(1052, LogLevel.Debug, "Bridge of component {Component}: a datagram of {Sender}, who is not the application, was dropped.")]
    public static partial void BridgeStranger(ILogger logger, ComponentId component, Stun.TransportAddress sender);

    [LoggerMessage(1053, LogLevel.Debug, "Bridge of component {Component}: a datagram of {Length} bytes was not sent to the peer: {Reason}")]
    public static partial void BridgeRefused(ILogger logger, ComponentId component, int length, string reason);

    [LoggerMessage(1054, LogLevel.Debug, "Bridge of component {Component}: receiving from the application reported {Error}; going on.")]
    public static partial void BridgeReceiveError(ILogger logger, ComponentId component, System.Net.Sockets.SocketError error);

    [LoggerMessage(1055, LogLevel.Warning, "Bridge of component {Component}: its socket failed for good, and the bridge ends: {Error}")]
    public static partial void BridgeLost(ILogger logger, ComponentId component, string error);

    [LoggerMessage(1056, LogLevel.Debug, "Bridge of component {Component}: ended.")]
    public static partial void BridgeEnded(ILogger logger, ComponentId component);

    [LoggerMessage(1080, LogLevel.Debug, "NAT discovery refused a datagram: {Reason}.")]
    public static partial void ProbeDropped(ILogger logger, Stun.NatProbeDrop reason);

    [LoggerMessage(1081, LogLevel.Debug, "NAT discovery cannot bind port {Port}: {Error}. It takes another.")]
    public static partial void ProbePortTaken(ILogger logger, int port, System.Net.Sockets.SocketError error);

    [LoggerMessage(1082, LogLevel.Warning, "What arrives on interface {InterfaceName} is received less cheaply: {Error}")]
    public static partial void SharedLoopRefused(ILogger logger, string interfaceName, string error);
}

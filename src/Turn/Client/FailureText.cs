using System.Globalization;
using Stun;

namespace Turn;

/// <summary>Says in a sentence what happened and what to try.</summary>
internal static class FailureText
{
    public static string OfAllocate(TurnFailure failure, RequestError error) => failure switch
    {
        TurnFailure.Timeout => "The server did not answer: check its address and port, or try TCP or TLS, since UDP may be blocked.",
        TurnFailure.RedirectLoop => "The server sends the client on to another one, but names none or one that was asked already: check the servers' alternate addresses.",
        TurnFailure.TupleInUse => "Three local addresses in a row were in use on the server: wait two minutes, since older allocations expire.",
        TurnFailure.BadResponse => "The server's success response has no relayed address or no lifetime, or holds attributes unknown to this client.",
        TurnFailure.UnexpectedAddressFamily => "The server gave a relayed address of a family that was not asked for; the allocation was deleted.",
        TurnFailure.Refused => OfCode(error),
        _ => Common(failure, error),
    };

    public static string OfAllocation(TurnFailure failure, RequestError error) => failure switch
    {
        TurnFailure.Timeout => "The server did not answer from the new local address: allocate again.",
        TurnFailure.AllocationGone => "The server does not know the allocation any more, perhaps because it was restarted: allocate again.",
        TurnFailure.Expired => "The allocation could not be refreshed before it expired: the server may be unreachable; allocate again.",
        TurnFailure.ChannelsOutOfSync => "The server contradicted a channel binding; the allocation was deleted so that no data goes to the wrong peer: allocate again.",
        TurnFailure.NotMovable when error.Code == 0 => "The server gave no mobility ticket, so the allocation cannot follow the local address: allocate again.",
        TurnFailure.NotMovable => $"The server refused to move the allocation to the new local address ({Describe(error)}): allocate again.",
        _ => Common(failure, error),
    };

    private static string Common(TurnFailure failure, RequestError error) => failure switch
    {
        TurnFailure.IntegrityViolated => "Only responses came that the server's password does not authenticate: the password is wrong, or somebody on the way forges responses.",
        TurnFailure.CredentialsRefused => "The server does not take the credentials: check username, password and realm, and whether they have expired.",
        TurnFailure.ChallengeRefused => "The server asks for authentication in a way that cannot be met, or somebody on the way altered what it asks for.",
        _ => $"The server answered with {Describe(error)}.",
    };

    private static string OfCode(RequestError error) => error.Code switch
    {
        StunErrorCode.BadRequest => $"The server takes the request as malformed ({Describe(error)}): this may be a server without TURN, or one that does not know an option.",
        StunErrorCode.Forbidden => $"The server refuses to relay for this client ({Describe(error)}): ask its administrator.",
        StunErrorCode.UnknownAttribute => $"The server does not know something that was asked for ({Describe(error)}): try without address family, even port or reservation.",
        StunErrorCode.AddressFamilyNotSupported => $"The server has no relayed addresses of the family that was asked for ({Describe(error)}).",
        StunErrorCode.UnsupportedTransportProtocol => $"The server does not relay the transport protocol that was asked for ({Describe(error)}).",
        StunErrorCode.AllocationQuotaReached => $"The user has as many allocations as the server allows ({Describe(error)}): close some, or wait a minute.",
        StunErrorCode.InsufficientCapacity => $"The server has no address or port left as asked for ({Describe(error)}): wait a minute, or ask for less.",
        _ => $"The server refused the allocation with {Describe(error)}.",
    };

    private static string Describe(RequestError error)
    {
        string code = error.Code.ToString(CultureInfo.InvariantCulture);
        return $"{code} {(error.Reason.Length > 0 ? error.Reason : StunErrorCode.DefaultReason(error.Code))}";
    }
}

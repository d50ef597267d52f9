using Stun;

namespace Turn;

/// <summary>A request that is under way.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Id">Its transaction.</param>
/// <param name="Message">Its bytes: a retransmission repeats them.</param>
/// <param name="Signature">How it was authenticated.</param>
internal sealed record Flight(ClientRequest Request, TransactionId Id, byte[] Message, RequestSignature Signature);

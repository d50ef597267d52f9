using Stun;

namespace Turn;

/// <summary>A request to the server, from the decision to make it until its outcome; made anew (with another transaction id) after 401 and 438.</summary>
internal abstract class ClientRequest(StunMethod method)
{
    /// <summary>The method.</summary>
    public StunMethod Method { get; } = method;

    /// <summary>Whether it goes before others, because something waits for it.</summary>
    public virtual bool IsUrgent => false;

    /// <summary>Whether it carries SOFTWARE and, where one is used, ACCESS-TOKEN.</summary>
    // RFC 8656 §5: "The client SHOULD include the SOFTWARE attribute in all Allocate and Refresh requests and MAY include it in any other
    // requests or indications."
    // RFC 7635 §9: "The TURN client MUST include the ACCESS-TOKEN attribute only in Allocate and Refresh requests."
    public bool IsAllocateOrRefresh => Method is StunMethod.Allocate or StunMethod.Refresh;

    /// <summary>Whether it is to delete an allocation, so that there being none is as good as success.</summary>
    public virtual bool DeletesAllocation => false;

    /// <summary>Whether it can be sent in a state of the client.</summary>
    public abstract bool MayStart(TurnClientState state);

    /// <summary>Decides what it says, just before it is sent.</summary>
    /// <returns>False when there is nothing to ask any more.</returns>
    public virtual bool Prepare(Instant now) => true;

    /// <summary>Writes its attributes, without those of authentication.</summary>
    public abstract void Write(ref StunWriter writer);

    /// <summary>Its success response came.</summary>
    /// <param name="response">The response, authenticated as it has to be.</param>
    /// <param name="sentAt">When the request was first sent: what the server granted lasts at least from then.</param>
    /// <param name="now">The time.</param>
    public abstract void Succeed(scoped in StunMessage response, Instant sentAt, Instant now);

    /// <summary>It failed.</summary>
    public abstract void Fail(RequestError error, Instant now);
}

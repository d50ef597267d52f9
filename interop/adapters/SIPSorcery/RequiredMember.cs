namespace Ice.SIPSorcery;

/// <summary>A private member that the adapter needs.</summary>
/// <param name="Name">What it is called, for the message.</param>
/// <param name="Probe">Binds it, on no object: what it throws for want of one says that the member is there.</param>
internal sealed record RequiredMember(string Name, Action Probe);

namespace BrowserInterop;

/// <summary>One way for a browser and the agent to meet.</summary>
internal sealed record InteropCase(bool Demo, bool AgentOffers, bool Trickle, bool HiddenAddresses)
{
    /// <summary>Whether both sides may use relayed candidates alone, from the product's own server.</summary>
    public bool Relayed { get; init; }

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static readonly bool[] s_both = [true, false];

    public static IReadOnlyList<InteropCase> All { get; } =
    [
        .. from demo in s_both
           from hidden in s_both.Reverse()
           from agentOffers in s_both
           from trickle in s_both
           select new InteropCase(demo, agentOffers, trickle, hidden),
        .. from agentOffers in s_both
           from trickle in s_both
           select new InteropCase(Demo: false, agentOffers, trickle, HiddenAddresses: false) { Relayed = true },
    ];

    public string Name =>
        $"{(Demo ? "demo page" : "bare page")}, agent {(AgentOffers ? "offers" : "answers")}, trickle {(Trickle ? "full" : "none")}, {(Relayed ? "relayed on both sides" : $"mDNS names {(HiddenAddresses ? "on" : "off")}")}";
}

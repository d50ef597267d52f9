namespace CoturnInterop;

/// <summary>Every case of a run.</summary>
internal static class AllCases
{
    public static IReadOnlyList<InteropCase> Of(Servers servers, TestCertificates certificates) =>
    [
        .. RelayCases.Of(servers, certificates),
        .. RefusalCases.Of(servers, certificates),
        .. TcpRelayCases.Of(servers, certificates),
        .. DualCases.Of(servers, certificates),
        .. AgentCases.Of(servers, certificates),
    ];
}

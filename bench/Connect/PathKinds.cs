namespace Bench;

/// <summary>The words for the kinds of candidates.</summary>
internal static class PathKinds
{
    /// <summary>The word of a candidate's <c>typ</c> (RFC 8839 §5.1).</summary>
    public static string Token(this PathKind kind) => kind switch
    {
        PathKind.Host => "host",
        PathKind.ServerReflexive => "srflx",
        _ => "relay",
    };
}

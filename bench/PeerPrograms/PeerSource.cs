namespace Bench;

/// <summary>A peer's program: ours, in the peer's language, against the peer as Debian packages it.</summary>
/// <param name="Peer">The peer's name on the command line.</param>
/// <param name="Path">The source, below bench/peers.</param>
/// <param name="Language">How it is built.</param>
/// <param name="Packages">The Debian packages that it needs.</param>
internal sealed record PeerSource(string Peer, string Path, PeerLanguage Language, IReadOnlyList<string> Packages)
{
    /// <summary>What pkg-config is asked for, for C.</summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];
}

namespace Bench;

/// <summary>What a peer's program is written in, and so how it is built.</summary>
internal enum PeerLanguage
{
    /// <summary>Built by Debian's Go from Debian's packages, without modules.</summary>
    Go,

    /// <summary>Built by gcc, with what pkg-config says of its libraries.</summary>
    C,

    /// <summary>Run by Debian's Python, whose modules are Debian's.</summary>
    Python,
}

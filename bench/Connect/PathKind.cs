namespace Bench;

/// <summary>Which candidates the two agents tell each other.</summary>
internal enum PathKind
{
    Host,
    ServerReflexive,
    Relayed,
}

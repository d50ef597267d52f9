namespace Bench;

/// <summary>When two agents got that far, in milliseconds since both knew the other's candidates; the later of the two counts.</summary>
/// <param name="Usable">Both can send data on a pair; null when the agents do not tell.</param>
/// <param name="Selected">Both have a selected pair.</param>
internal readonly record struct ConnectTimes(double? Usable, double Selected);

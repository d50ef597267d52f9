namespace Stun;

/// <summary>A mapping as an answer showed it.</summary>
/// <param name="Order">The place of the request among all.</param>
/// <param name="Once">Whether the request was sent once, so that its place tells when the mapping was made.</param>
/// <param name="Value">The mapping.</param>
internal readonly record struct ProbeSample(int Order, bool Once, NatPortSample Value);

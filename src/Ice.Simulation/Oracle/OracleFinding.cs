namespace Ice.Simulation;

/// <summary>What a <see cref="OracleNetwork"/> found.</summary>
/// <param name="From">The base whose check is answered.</param>
/// <param name="To">The base that answers.</param>
/// <param name="Round">After how many rounds of checks, 1 for the first.</param>
internal sealed record OracleFinding(OracleBase From, OracleBase To, int Round)
{
    public bool IsDirect => !From.IsRelay && !To.IsRelay;
}

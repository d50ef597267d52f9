using NatLab.Agents;

namespace NatLab.Cases;

/// <summary>What all cases share.</summary>
/// <param name="Coturn">The server in the middle.</param>
/// <param name="Programs">The programs.</param>
/// <param name="Report">Where results go.</param>
/// <param name="Cancellation">Ends the run.</param>
internal sealed record LabContext(Server Coturn, Programs Programs, Report Report, CancellationToken Cancellation);

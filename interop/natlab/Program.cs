using System.Runtime.InteropServices;
using NatLab;
using NatLab.Cases;
using PeersInterop;

// interop/natlab/run hands on the programs, and then the user's arguments.
var programs = new Programs(args[0], args[1], args[2]);
string[] arguments = args[3..];
LabCase[] cases = [.. Grids.All, .. NameCases.All, .. PathCases.All, .. TunCases.All, .. LifeCases.All, .. BrowserCases.All, .. TraversalCases.All];
if (arguments.Contains("--help") || arguments.Contains("-h") || arguments.Contains("--list"))
{
    Console.WriteLine(arguments.Contains("--list") ? CommandLine.List(cases) : CommandLine.Help);
    return 0;
}

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    _ = stop.CancelAsync();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await new LabRun(programs, CommandLine.Parse(arguments, cases)).RunAsync(stop.Token);
}
catch (Exception exception) when (exception is FormatException or CaseFailedException)
{
    await Console.Error.WriteLineAsync($"interop/natlab/run: {exception.Message}");
    return 2;
}

using System.Runtime.InteropServices;
using PeersInterop;
using PeersInterop.Browser;

// The peer program of the browsers is this one, too.
if (args is ["browser", var browser, var config])
    return await new BrowserPeer(browser, config).RunAsync();

// interop/run hands on the folder of the built programs and our own program, and then the user's arguments.
var kinds = new PeerKinds(args[0], args[1]);
string[] arguments = args[2..];
InteropCase[] cases = [.. RoleCases.All, .. SignalingCases.All, .. PathCases.All, .. NominationCases.All, .. RestartCases.All, .. LongCases.All];
if (arguments.Contains("--help") || arguments.Contains("-h") || arguments.Contains("--list"))
{
    Console.WriteLine(arguments.Contains("--list") ? CommandLine.List(kinds.All, cases) : CommandLine.Help);
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
    return await new InteropRun(kinds, CommandLine.Parse(arguments, kinds.All, cases)).RunAsync(stop.Token);
}
catch (Exception exception) when (exception is FormatException or CaseFailedException)
{
    await Console.Error.WriteLineAsync($"interop/run: {exception.Message}");
    return 2;
}

using System.Runtime.InteropServices;
using CoturnInterop;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    _ = stop.CancelAsync();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await InteropRun.RunAsync(args is [string filter] ? filter : "", stop.Token);

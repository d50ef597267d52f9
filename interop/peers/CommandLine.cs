using System.Runtime.InteropServices;

namespace PeersInterop;

/// <summary>What interop/run hands on: the folder of the built programs, our program, and the user's arguments.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            _ = stop.CancelAsync();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var kinds = new PeerKinds(arguments[0], arguments[1]);
        await Lab.BuildAsync();
        using Coturn coturn = await Coturn.StartAsync(Path.GetTempPath(), stop.Token);
        int failed = 0;
        foreach (PeerKind kind in kinds.All)
        {
            foreach (InteropCase test in BasicCases.All)
            {
                TimeSpan start = PeerProcess.Now;
                try
                {
                    await using var context = new CaseContext(kinds, kind, stop.Token);
                    await test.RunAsync(context);
                    Console.WriteLine($"ok   {kind.Name} {test.Name} {(PeerProcess.Now - start).TotalSeconds:0.00} s");
                }
                catch (CaseFailedException exception)
                {
                    failed++;
                    Console.WriteLine($"FAIL {kind.Name} {test.Name} {exception.Message}");
                }
            }
        }

        return failed == 0 ? 0 : 1;
    }
}

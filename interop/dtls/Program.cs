using DtlsInterop;

if (args is not [string browser, string ice, ..])
{
    await Console.Error.WriteLineAsync("usage: dtls-interop BROWSER-EXECUTABLE ICE-DLL [PART-OF-A-CASE'S-NAME]   (interop/dtls/run finds the first two)");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
await using var run = new InteropRun(browser, ice);
return await run.RunAsync(args.Length > 2 ? args[2] : "", stop.Token);

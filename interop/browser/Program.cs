using BrowserInterop;

if (args is not [string browser, string ice])
{
    await Console.Error.WriteLineAsync("usage: browser-interop BROWSER-EXECUTABLE ICE-DLL   (interop/browser/run finds both)");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
await using var run = new InteropRun(browser, ice);
return await run.RunAsync(stop.Token);

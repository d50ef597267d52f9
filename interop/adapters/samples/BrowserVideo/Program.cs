using System.Net;
using System.Text;
using BrowserVideo;

// A page whose test pattern goes to this program and comes back: open it in any browser on this machine.
if (args is not ([] or [_]) || !ushort.TryParse(args is [var text] ? text : "8080", out ushort port))
{
    Console.WriteLine("""
        usage: BrowserVideo [PORT]     serves a page at http://127.0.0.1:PORT/ (8080 by default) whose video goes through the agent and back
        example: dotnet run --project interop/adapters/samples/BrowserVideo -- 8081
        """);
    return 2;
}

using Stream resource = typeof(VideoEcho).Assembly.GetManifestResourceStream("page.html")!;
using var copy = new MemoryStream();
await resource.CopyToAsync(copy);
byte[] page = copy.ToArray();
using var listener = new HttpListener();
listener.Prefixes.Add($"http://127.0.0.1:{port}/");
listener.Start();
Console.CancelKeyPress += (_, _) => listener.Close();
Console.WriteLine($"Open http://127.0.0.1:{port}/ and stop with Ctrl-C.");
while (true)
{
    HttpListenerContext context = await listener.GetContextAsync();
    try
    {
        using StreamReader body = new(context.Request.InputStream);
        bool isOffer = context.Request.HttpMethod == "POST";
        byte[] answer = isOffer ? Encoding.UTF8.GetBytes(await VideoEcho.AnswerAsync(await body.ReadToEndAsync())) : page;
        context.Response.ContentType = isOffer ? "application/sdp" : "text/html; charset=utf-8";
        await context.Response.OutputStream.WriteAsync(answer);
    }
    catch (InvalidOperationException exception)
    {
        Console.WriteLine(exception.Message);
        context.Response.StatusCode = 400;
    }

    context.Response.Close();
}

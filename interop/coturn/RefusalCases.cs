using System.Net;
using IceTool.Turn;
using Stun;
using Turn;

namespace CoturnInterop;

/// <summary>What has to be refused, by coturn or by the client, and what is said then.</summary>
internal static class RefusalCases
{
    public static IEnumerable<InteropCase> Of(Servers servers, TestCertificates certificates)
    {
        foreach (TurnPath path in Enum.GetValues<TurnPath>())
        {
            TurnEndpoint endpoint = servers.Passwords.At(IPAddress.Loopback, path, certificates.Trusted);
            yield return new InteropCase(
                $"a wrong password over {RelayCases.PathName(path)} is refused",
                servers.Passwords,
                context => FailsAsync(context, endpoint, context.Options() with { Credential = new LongTermCredential(context.User, "wrong") }, 401, "does not take the credentials"));
        }

        yield return new InteropCase(
            "a shared secret's credential that has expired is refused",
            servers.Rest,
            context => FailsAsync(
                context,
                servers.Rest.At(IPAddress.Loopback, TurnPath.Udp, certificates.Trusted),
                context.Options() with { Credential = RestCredential.Create("s3cret"u8, DateTimeOffset.UtcNow.AddHours(-1), context.User).ToLongTermCredential() },
                401,
                "does not take the credentials"));
        yield return new InteropCase(
            "a certificate of another authority is refused",
            servers.Passwords,
            context => FailsAsync(context, servers.Passwords.At(IPAddress.Loopback, TurnPath.Tls, certificates.Strangers), context.Options(), 0, "TLS with"));
        yield return new InteropCase(
            "a certificate for another name is refused",
            servers.Passwords,
            context => FailsAsync(
                context, servers.Passwords.At(IPAddress.Loopback, TurnPath.Tls, certificates.Trusted) with { Name = "turn.example.org" }, context.Options(), 0, "RemoteCertificateNameMismatch"));
    }

    private static async Task<string?> FailsAsync(CaseContext context, TurnEndpoint endpoint, TurnClientOptions options, int code, string words)
    {
        try
        {
            await using TurnSession session = await TurnSession.AllocateAsync(endpoint, options, context.Cancellation);
        }
        catch (TurnSessionException exception)
        {
            Check.Equal(code, exception.Code, $"the error code ({exception.Message})");
            Check.That(exception.Message.Contains(words, StringComparison.Ordinal), $"the reason should say '{words}' and is: {exception.Message}");
            return null;
        }

        throw new CaseFailedException("it was not refused");
    }
}

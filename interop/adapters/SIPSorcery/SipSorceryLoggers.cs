using Microsoft.Extensions.Logging;
using LogFactory = SIPSorcery.LogFactory;

namespace Ice.SIPSorcery;

/// <summary>Has the agent log to where SIPSorcery logs (<c>LogFactory.Set</c>).</summary>
internal sealed class SipSorceryLoggers : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => LogFactory.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("The agent logs to SIPSorcery's own factory: give providers to that, with LogFactory.Set.");

    public void Dispose()
    {
    }
}

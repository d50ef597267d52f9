using System.Diagnostics;
using System.Text.Json;

namespace PeersInterop.Browser;

/// <summary>A browser without a window and with a profile of its own, which asks nobody for anything.</summary>
internal sealed class BrowserProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _profile;

    private BrowserProcess(Process process, string profile)
    {
        _process = process;
        _profile = profile;
        // What it prints is of no interest, but must be read.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Opens a page.</summary>
    /// <param name="kind">chromium or firefox.</param>
    /// <param name="url">The page.</param>
    /// <param name="hidesAddresses">Whether it tells names in place of its addresses, as browsers do that have no reason not to.</param>
    public static BrowserProcess Start(string kind, string url, bool hidesAddresses)
    {
        string profile = Directory.CreateTempSubdirectory("browser-").FullName;
        ProcessStartInfo start = kind == "chromium" ? Chromium(profile, url, hidesAddresses) : Firefox(profile, url, hidesAddresses);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["HOME"] = profile;
        start.Environment["XDG_RUNTIME_DIR"] = profile;
        start.Environment["DBUS_SESSION_BUS_ADDRESS"] = "disabled:";
        return new BrowserProcess(Process.Start(start) ?? throw new CaseFailedException($"{kind} does not start"), profile);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of it still writes: the folder of the whole run is deleted in the end.
        }
    }

    private static ProcessStartInfo Chromium(string profile, string url, bool hidesAddresses)
    {
        string[] off =
        [
            "OptimizationHints", "MediaRouter", "DialMediaRouteProvider", "Translate", "AutofillServerCommunication", "CertificateTransparencyComponentUpdater",
            "InterestFeedContentSuggestions", "OptimizationGuideModelDownloading", .. (string[])(hidesAddresses ? [] : ["WebRtcHideLocalIpsWithMdns"]),
        ];
        return new ProcessStartInfo("chromium",
        [
            "--headless=new", "--no-sandbox", $"--user-data-dir={profile}", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-domain-reliability", "--disable-extensions",
            "--disable-breakpad", "--disable-client-side-phishing-detection", "--metrics-recording-only", "--no-pings", "--password-store=basic", "--use-mock-keychain", "--mute-audio",
            "--host-resolver-rules=MAP *.googleapis.com ~NOTFOUND, MAP *.google.com ~NOTFOUND, MAP *.gvt1.com ~NOTFOUND",
            $"--disable-features={string.Join(',', off)}", url,
        ]);
    }

    private static ProcessStartInfo Firefox(string profile, string url, bool hidesAddresses)
    {
        Dictionary<string, object> preferences = FirefoxPreferences.Quiet();
        preferences["media.peerconnection.ice.obfuscate_host_addresses"] = hidesAddresses;
        File.WriteAllLines(Path.Combine(profile, "user.js"), preferences.Select(p => $"user_pref({JsonSerializer.Serialize(p.Key)}, {JsonSerializer.Serialize(p.Value)});"));
        var start = new ProcessStartInfo("firefox-esr", ["--headless", "--no-remote", "--profile", profile, url]);
        start.Environment["MOZ_REMOTE_SETTINGS_DEVTOOLS"] = "1";
        start.Environment["MOZ_CRASHREPORTER_DISABLE"] = "1";
        start.Environment["MOZ_DISABLE_AUTO_SAFE_MODE"] = "1";
        return start;
    }
}

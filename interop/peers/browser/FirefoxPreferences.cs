namespace PeersInterop.Browser;

/// <summary>Preferences that keep Firefox from asking for updates, lists, suggestions and the like.</summary>
internal static class FirefoxPreferences
{
    private const string Nobody = "http://127.0.0.1:9/";

    private static readonly string[] s_off =
    [
        "app.normandy.enabled", "app.shield.optoutstudies.enabled", "app.update.auto", "app.update.enabled", "app.update.service.enabled", "browser.discovery.enabled",
        "browser.newtabpage.activity-stream.feeds.system.topstories", "browser.newtabpage.activity-stream.telemetry", "browser.ping-centre.telemetry", "browser.region.update.enabled",
        "browser.safebrowsing.blockedURIs.enabled", "browser.safebrowsing.downloads.enabled", "browser.safebrowsing.malware.enabled", "browser.safebrowsing.phishing.enabled",
        "browser.safebrowsing.update.enabled", "browser.search.geoSpecificDefaults", "browser.search.update", "browser.shell.checkDefaultBrowser", "browser.topsites.contile.enabled",
        "datareporting.healthreport.uploadEnabled", "datareporting.policy.dataSubmissionEnabled", "datareporting.usage.uploadEnabled", "doh-rollout.enabled", "dom.push.connection.enabled",
        "dom.push.enabled", "extensions.blocklist.enabled", "extensions.getAddons.cache.enabled", "extensions.systemAddon.update.enabled", "extensions.update.enabled",
        "identity.fxaccounts.enabled", "media.gmp-manager.updateEnabled", "media.gmp-provider.enabled", "messaging-system.rsexperimentloader.enabled", "network.captive-portal-service.enabled",
        "network.connectivity-service.enabled", "network.notify.checkForProxies", "network.prefetch-next", "nimbus.rollouts.enabled", "security.remote_settings.crlite_filters.enabled",
        "security.remote_settings.intermediates.enabled", "signon.rememberSignons", "toolkit.telemetry.archive.enabled", "toolkit.telemetry.enabled", "toolkit.telemetry.unified",
    ];

    private static readonly string[] s_addresses = ["media.gmp-manager.url", "services.settings.server"];

    private static readonly string[] s_none =
    [
        "browser.aboutHomeSnippets.updateUrl", "browser.region.network.url", "geo.provider.network.url", "startup.homepage_welcome_url", "toolkit.telemetry.server",
    ];

    public static Dictionary<string, object> Quiet()
    {
        var preferences = new Dictionary<string, object>
        {
            ["browser.startup.page"] = 0,
            ["browser.startup.homepage"] = "about:blank",
            ["browser.startup.homepage_override.mstone"] = "ignore",
            ["network.dns.disablePrefetch"] = true,
            ["network.http.speculative-parallel-limit"] = 0,
            ["network.trr.mode"] = 5,
            ["security.OCSP.enabled"] = 0,
            ["services.settings.poll_interval"] = 0,
            ["termsofuse.bypassNotification"] = true,
        };
        foreach (string name in s_off)
            preferences[name] = false;
        foreach (string name in s_addresses)
            preferences[name] = Nobody;
        foreach (string name in s_none)
            preferences[name] = "";
        return preferences;
    }
}

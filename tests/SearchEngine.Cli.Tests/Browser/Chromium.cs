using PuppeteerSharp;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>The machine's Chromium, driven over its own protocol: no driver and no download.</summary>
internal static class Chromium
{
    private const string Variable = "SEARCHENGINE_CHROMIUM";

    private static readonly string[] Usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Skips the running test where there is no browser or no way to start the host as users do.</summary>
    public static void Require()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("The host is stopped by SIGTERM, which Windows does not have.");
        if (Find() is null)
            Assert.Skip($"There is no Chromium: 'apt-get install chromium', or name one in {Variable}.");
    }

    public static Task<IBrowser> LaunchAsync() =>
        Puppeteer.LaunchAsync(
            new LaunchOptions
            {
                ExecutablePath = Find() ?? throw new InvalidOperationException("There is no Chromium."),
                Headless = true,
                // Only the host's own page is opened; containers, where tests run as root, have no sandbox to offer.
                Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"],
                Timeout = 120_000,
            }
        );

    private static string? Find() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Usual.FirstOrDefault(File.Exists);
}

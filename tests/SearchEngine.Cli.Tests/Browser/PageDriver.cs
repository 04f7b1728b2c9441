using System.Collections.Concurrent;
using PuppeteerSharp;
using PuppeteerSharp.Input;
using PuppeteerSharp.Media;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>A tab with the host's page, as somebody at a screen uses it: types, clicks, waits for what is shown.</summary>
internal sealed class PageDriver : IAsyncDisposable
{
    /// <summary>Far above what any step needs: a hang fails and says which step it was.</summary>
    private const int Patience = 120_000;

    private static readonly string Audit = ReadAudit();

    private readonly Uri _host;
    private readonly ConcurrentQueue<string> _faults = new();

    private PageDriver(IPage page, Uri host)
    {
        (Page, _host) = (page, host);
        page.DefaultTimeout = Patience;
        page.Console += (_, e) =>
        {
            if (e.Message.Type == ConsoleType.Error)
                _faults.Enqueue("console: " + e.Message.Text);
        };
        page.PageError += (_, e) => _faults.Enqueue("script: " + e.Message);
        page.Request += (_, e) =>
        {
            if (new Uri(e.Request.Url) is { Scheme: "http" or "https" } url && url.Authority != _host.Authority)
                _faults.Enqueue("request to elsewhere: " + e.Request.Url);
        };
        page.Response += (_, e) =>
        {
            if ((int)e.Response.Status >= 400)
                _faults.Enqueue($"{(int)e.Response.Status} for {e.Response.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>What went wrong in the page so far: errors of scripts, refused requests, requests to other hosts.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public static async Task<PageDriver> OpenAsync(
        IBrowser browser,
        Uri host,
        string path = "/",
        int width = 1280,
        int height = 900,
        bool dark = false
    )
    {
        var page = await browser.NewPageAsync();
        var driver = new PageDriver(page, host);
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        await page.EmulateMediaFeaturesAsync([
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = dark ? "dark" : "light" },
        ]);
        await page.GoToAsync(new Uri(host, path).ToString());
        return driver;
    }

    public Task<T> EvaluateAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    /// <summary>Waits until an expression of the page holds.</summary>
    public async Task WaitAsync(string expression)
    {
        try
        {
            await Page.WaitForExpressionAsync(expression, new WaitForFunctionOptions { Timeout = Patience });
        }
        catch (Exception e) when (e is WaitTaskTimeoutException or TimeoutException)
        {
            var status = await EvaluateAsync<string>("document.body.innerText.slice(0, 1500)");
            Assert.Fail($"The page never came to: {expression}. Faults: {string.Join("; ", _faults)}. It shows: {status}");
        }
    }

    /// <summary>Clicks what a person would: the middle of the element, scrolled into view.</summary>
    public Task ClickAsync(string selector) => Page.ClickAsync(selector);

    /// <summary>Clicks the first element of a kind with a text.</summary>
    public async Task ClickTextAsync(string selector, string text)
    {
        var handle = await Page.EvaluateFunctionHandleAsync(
            "(selector, text) => [...document.querySelectorAll(selector)].find((e) => e.textContent.includes(text))",
            selector,
            text
        );
        await ((IElementHandle)handle).ClickAsync();
    }

    public Task TypeAsync(string text) => Page.Keyboard.TypeAsync(text, new TypeOptions { Delay = 15 });

    /// <summary>Empties the search box and types into it, letter by letter.</summary>
    public async Task AskAsync(string text)
    {
        await Page.ClickAsync("#query", new ClickOptions { Count = 3 });
        await Page.Keyboard.PressAsync("Backspace");
        await TypeAsync(text);
    }

    public Task PressAsync(string key) => Page.Keyboard.PressAsync(key);

    /// <summary>Drops files on the page's field for them.</summary>
    public Task DropAsync(IReadOnlyList<string> paths) =>
        Page.EvaluateFunctionAsync(
            """
            (files) => {
              const transfer = new DataTransfer();
              for (const file of files) transfer.items.add(new File([file.text], file.name));
              const drop = document.getElementById("drop");
              for (const name of ["dragenter", "dragover", "drop"])
                drop.dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }));
            }
            """,
            (object)paths.Select(path => new { name = Path.GetFileName(path), text = File.ReadAllText(path) }).ToArray()
        );

    /// <summary>What the page as it is shown now lacks of WCAG AA; see audit.js.</summary>
    public Task<string[]> AuditAsync() => Page.EvaluateFunctionAsync<string[]>(Audit);

    public async ValueTask DisposeAsync() => await Page.DisposeAsync();

    private static string ReadAudit()
    {
        using var stream = typeof(PageDriver).Assembly.GetManifestResourceStream("audit.js")!;
        using var reader = new StreamReader(stream);
        // A comment in front of a function is none for the browser's protocol.
        var text = reader.ReadToEnd();
        return text[text.IndexOf("() =>", StringComparison.Ordinal)..];
    }
}

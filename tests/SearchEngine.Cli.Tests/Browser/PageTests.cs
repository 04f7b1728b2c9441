using System.Text.Json;
using PuppeteerSharp;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>
/// The page in a browser, over a host with the samples in it: by keyboard, in the dark and on a phone. With SEARCHENGINE_SCREENSHOTS=1 the
/// pictures in docs/images are made anew.
/// </summary>
public sealed class PageTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    private const string Question = "how long is a blue whale";

    [Fact]
    public async Task Everything_is_done_by_keyboard()
    {
        await using var page = await PageDriver.OpenAsync(await fixture.BrowserAsync(), await fixture.SamplesAsync());
        await page.WaitAsync("document.activeElement.id === 'query'");
        await page.TypeAsync(Question);
        await page.WaitAsync("document.querySelectorAll('#results h2 button').length > 3");
        await page.PressAsync("ArrowDown");
        await page.PressAsync("ArrowDown");
        await page.WaitAsync("[...document.querySelectorAll('#results h2 button')].indexOf(document.activeElement) === 1");
        await page.PressAsync("Enter");
        await page.WaitAsync("document.getElementById('passage').open && document.querySelector('#passage-text .here')");
        await page.PressAsync("Escape");
        await page.WaitAsync("!document.getElementById('passage').open");
        // Back where it was opened from.
        await page.WaitAsync("[...document.querySelectorAll('#results h2 button')].indexOf(document.activeElement) === 1");
        await page.PressAsync("ArrowUp");
        await page.PressAsync("ArrowUp");
        await page.WaitAsync("document.activeElement.id === 'query'");
        await page.EvaluateAsync<object>("document.activeElement.blur()");
        await page.PressAsync("/");
        await page.WaitAsync("document.activeElement.id === 'query'");
        await page.EvaluateAsync<object>("document.getElementById('tab-search').focus()");
        await page.PressAsync("ArrowRight");
        await page.WaitAsync("document.activeElement.id === 'tab-map' && !document.getElementById('view-map').hidden");
        await page.WaitAsync("document.getElementById('status').textContent.includes(' of ')");
        await page.EvaluateAsync<object>("document.getElementById('map').focus()");
        await page.PressAsync("ArrowRight");
        await page.WaitAsync("document.getElementById('tip').textContent.length > 0");
        await page.PressAsync("Enter");
        await page.WaitAsync("document.getElementById('passage').open");
        Assert.Empty(page.Faults);
    }

    [Fact]
    public async Task Every_stop_of_the_tabulator_has_a_name_and_shows_that_it_has_the_focus()
    {
        await using var page = await PageDriver.OpenAsync(await fixture.BrowserAsync(), await fixture.SamplesAsync(), Found());
        await page.WaitAsync("document.querySelectorAll('#results > li').length > 3");
        var seen = new HashSet<string>();
        await page.EvaluateAsync<object>("document.activeElement.blur()");
        for (var stop = 0; stop < 300; stop++)
        {
            await page.PressAsync("Tab");
            var state = await page.EvaluateAsync<JsonElement>(
                """
                (() => {
                  const e = document.activeElement;
                  if (e === document.body) return null;
                  const shows = (x) => x && getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2;
                  window.stops ??= new Map();
                  if (!window.stops.has(e)) window.stops.set(e, window.stops.size);
                  return { place: window.stops.get(e), what: e.outerHTML.slice(0, 120),
                    shows: shows(e) || shows(e.nextElementSibling) || shows(e.closest("label")) };
                })()
                """
            );
            if (state.ValueKind != JsonValueKind.Object || !seen.Add(state.GetProperty("place").GetRawText()))
                break;
            Assert.True(state.GetProperty("shows").GetBoolean(), "Has the focus and does not show it: " + state.GetProperty("what"));
        }

        Assert.True(seen.Count > 15, $"{seen.Count} stops");
        var tree = await page.Page.Client.SendAsync<JsonElement>("Accessibility.getFullAXTree");
        var nameless = tree.GetProperty("nodes")
            .EnumerateArray()
            .Where(node =>
                Role(node) is "button" or "textbox" or "searchbox" or "combobox" or "checkbox" or "radio" or "slider" or "tab" or "link"
                && !(
                    node.TryGetProperty("name", out var name)
                    && name.TryGetProperty("value", out var text)
                    && text.GetString() is { Length: > 0 }
                )
            )
            .Select(node => node.GetRawText())
            .ToArray();
        Assert.Empty(nameless);
    }

    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(360, false)]
    [InlineData(360, true)]
    public async Task Every_view_can_be_read(int width, bool dark)
    {
        await using var page = await PageDriver.OpenAsync(
            await fixture.BrowserAsync(),
            await fixture.SamplesAsync(),
            Found(),
            width,
            800,
            dark
        );
        var problems = new List<string>();
        await page.WaitAsync("document.querySelectorAll('#results > li').length > 3");
        await page.ClickTextAsync("#results .tools button", "Why");
        await AuditAsync("results");
        await page.ClickAsync("#results h2 button");
        await page.WaitAsync("document.querySelector('#passage-text .here')");
        await AuditAsync("passage");
        await page.PressAsync("Escape");
        foreach (var (tab, ready) in new[] { ("map", "#legend span"), ("collections", "#view-collections td"), ("add", "#drop") })
        {
            await page.ClickAsync("#tab-" + tab);
            await page.WaitAsync($"document.querySelector('{ready}')?.checkVisibility()");
            await AuditAsync(tab);
        }

        Assert.Empty(problems);
        Assert.Empty(page.Faults);

        async Task AuditAsync(string view) => problems.AddRange((await page.AuditAsync()).Select(problem => $"{view}: {problem}"));
    }

    [Fact]
    public async Task On_a_phone_the_first_screen_shows_a_hit_and_the_filters_unfold()
    {
        await using var page = await PageDriver.OpenAsync(await fixture.BrowserAsync(), await fixture.SamplesAsync(), Found(), 360, 640);
        await page.WaitAsync("document.querySelectorAll('#results > li').length > 3");
        Assert.True(
            await page.EvaluateAsync<bool>("document.querySelector('#results .snippet').getBoundingClientRect().bottom < innerHeight")
        );
        Assert.False(await page.EvaluateAsync<bool>("document.querySelector('#facets input').checkVisibility()"));
        await page.ClickAsync("#filters summary");
        await page.WaitAsync("document.querySelector('#facets input').checkVisibility()");
        Assert.Empty(await page.AuditAsync());
        var source = await page.EvaluateAsync<string>("document.querySelector('#facets label span').textContent");
        await page.ClickAsync("#facets input");
        await page.WaitAsync($"[...document.querySelectorAll('#results .source')].every((e) => e.textContent.includes('{source}'))");
        await page.WaitAsync("document.getElementById('chosen').textContent.includes('1 ')");
        // Whoever turns the phone or widens the window has them beside the hits, and folded again afterwards.
        await page.Page.SetViewportAsync(new ViewPortOptions { Width = 1000, Height = 640 });
        await page.WaitAsync(
            "document.querySelector('#facets input').checkVisibility() && !document.querySelector('summary').checkVisibility()"
        );
        await page.Page.SetViewportAsync(new ViewPortOptions { Width = 360, Height = 640 });
        await page.WaitAsync("!document.querySelector('#facets input').checkVisibility()");
        Assert.Empty(page.Faults);
    }

    [Fact]
    public async Task What_no_passage_is_about_finds_nothing_and_the_page_says_so()
    {
        await using var page = await PageDriver.OpenAsync(await fixture.BrowserAsync(), await fixture.SamplesAsync(), Found(), 1000, 640);
        await page.WaitAsync("document.querySelectorAll('#results > li').length > 3");
        await page.AskAsync("zzz");
        await page.WaitAsync("document.getElementById('status').textContent.startsWith('No passage has a word of it')");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('#results > li').length"));
        await page.AskAsync("organ that pumps blood");
        await page.WaitAsync("document.querySelectorAll('#results > li').length > 3");
        Assert.Empty(page.Faults);
    }

    [Fact]
    public async Task Pictures_for_the_docs()
    {
        if (Environment.GetEnvironmentVariable("SEARCHENGINE_SCREENSHOTS") is null)
            Assert.Skip("Makes docs/images anew where SEARCHENGINE_SCREENSHOTS is set.");
        var folder = Path.Combine(TestSupport.Repository.Root, "docs", "images");
        await TakeAsync("page-search.png", Found(), 1280, 900, false, "document.querySelectorAll('#results > li').length > 3", true);
        await TakeAsync("page-map.png", Found("map"), 1280, 900, true, "document.querySelector('#legend span')?.checkVisibility()", false);
        await TakeAsync("page-phone.png", Found(), 390, 844, false, "document.querySelectorAll('#results > li').length > 3", false);

        async Task TakeAsync(string file, string path, int width, int height, bool dark, string ready, bool why)
        {
            await using var page = await PageDriver.OpenAsync(
                await fixture.BrowserAsync(),
                await fixture.SamplesAsync(),
                path,
                width,
                height,
                dark
            );
            await page.WaitAsync(ready);
            if (why)
                await page.ClickTextAsync("#results .tools button", "Why");
            await page.Page.ScreenshotAsync(Path.Combine(folder, file));
        }
    }

    private static string Found(string? view = null) =>
        $"/?collection=samples&q={Uri.EscapeDataString(Question)}{(view is null ? string.Empty : "&view=" + view)}";

    private static string? Role(JsonElement node) =>
        node.TryGetProperty("role", out var role) && role.TryGetProperty("value", out var value) ? value.GetString() : null;
}

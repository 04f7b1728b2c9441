using System.Text.Json;
using PuppeteerSharp;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>
/// What somebody does who has just installed it: <c>searchengine serve</c> over an empty database, samples dropped on the page, asked,
/// explained, filtered, opened, compared, mapped.
/// </summary>
public sealed class JourneyTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    private const string Question = "how long is a blue whale";

    [Fact]
    public async Task From_an_empty_database_to_an_answer_and_the_map()
    {
        var browser = await fixture.BrowserAsync();
        await using var served = await ServedDatabase.StartAsync();
        await using (var page = await PageDriver.OpenAsync(browser, served.Address))
        {
            try
            {
                await page.WaitAsync("document.getElementById('status').textContent.includes('add files to begin')");
                await DropSamplesAsync(page);
                await SearchAsync(page);
                await ReadWhyAsync(page);
                await FilterAsync(page);
                await OpenAndCloseAsync(page);
                await ShowSimilarAsync(page);
                await LookAtMapAsync(page);
                await page.ClickAsync("#tab-collections");
                await page.WaitAsync("document.querySelector('#view-collections tbody')?.textContent.includes('sound')");
            }
            catch
            {
                await served.RequireRunningAsync();
                throw;
            }

            Assert.Empty(page.Faults);
        }

        Assert.Equal(string.Empty, await served.StopAsync());
    }

    private static async Task DropSamplesAsync(PageDriver page)
    {
        await page.ClickAsync("#tab-add");
        await page.ClickAsync("#newname");
        await page.TypeAsync("samples");
        await page.DropAsync(SampleFiles.Paths);
        await page.WaitAsync("document.querySelector('#jobs progress')");
        await page.WaitAsync($"document.getElementById('jobs').textContent.includes('done, {SampleFiles.Paths.Count} files read')");
        Assert.True(
            await page.EvaluateAsync<bool>(
                "document.querySelector('#jobs progress').value === document.querySelector('#jobs progress').max"
            )
        );
        await page.WaitAsync("document.getElementById('collection').value === 'samples'");
    }

    private static async Task SearchAsync(PageDriver page)
    {
        await page.ClickAsync("#tab-search");
        // Nothing but letters: it searches as one types.
        await page.AskAsync(Question);
        await page.WaitAsync("document.querySelector('#results h2')?.textContent.toLowerCase().includes('whale')");
        foreach (var (mode, ranker) in new[] { ("keyword", "Words"), ("vector", "Meaning"), ("hybrid", "Meaning") })
        {
            await page.ClickAsync($"input[value={mode}] + span");
            await page.WaitAsync($"new URLSearchParams(location.search).get('mode') === '{mode}'");
            await page.WaitAsync($"document.querySelector('#results .why')?.textContent.includes('{ranker}')");
        }
    }

    private static async Task ReadWhyAsync(PageDriver page)
    {
        await page.ClickTextAsync("#results .tools button", "Why");
        await page.WaitAsync("document.querySelector('#results .why').checkVisibility()");
        var why = await page.EvaluateAsync<string>("document.querySelector('#results .why').innerText");
        Assert.Matches("Meaning\\s+rank 1?[0-9]", why);
        Assert.Contains("Words", why, StringComparison.Ordinal);
        Assert.Contains(" in text", why, StringComparison.Ordinal);
        var bars = await page.EvaluateAsync<double[]>(
            "[...document.querySelectorAll('#results li:first-child .why rect')].map((r) => r.getBoundingClientRect().width)"
        );
        Assert.True(bars.Length >= 3 && bars.Max() > 20, string.Join(", ", bars));
    }

    private static async Task FilterAsync(PageDriver page)
    {
        var before = await page.EvaluateAsync<int>("document.querySelectorAll('#results > li').length");
        var source = await page.EvaluateAsync<string>("document.querySelector('#facets label span').textContent");
        await page.ClickAsync("#facets input");
        await page.WaitAsync(
            $"document.querySelectorAll('#results > li').length < {before} && "
                + $"[...document.querySelectorAll('#results .source')].every((s) => s.textContent.startsWith({JsonSerializer.Serialize(source)}))"
        );
        // The box that was ticked keeps the focus, though the filters were drawn anew.
        await page.WaitAsync("document.activeElement.matches('#facets input:checked')");
        await page.PressAsync("Space");
        await page.WaitAsync($"document.querySelectorAll('#results > li').length === {before}");
    }

    private static async Task OpenAndCloseAsync(PageDriver page)
    {
        await page.ClickAsync("#results h2 button");
        await page.WaitAsync("document.getElementById('passage').open && document.querySelector('#passage-text .here')");
        await page.WaitAsync("document.querySelectorAll('#passage-text p').length > 1");
        await page.ClickAsync("#passage button");
        await page.WaitAsync("!document.getElementById('passage').open");
    }

    private static async Task ShowSimilarAsync(PageDriver page)
    {
        await page.ClickTextAsync("#results .tools button", "Similar");
        await page.WaitAsync("document.getElementById('status').textContent.startsWith('Like')");
        await page.WaitAsync("document.querySelectorAll('#results > li').length > 3");
    }

    private static async Task LookAtMapAsync(PageDriver page)
    {
        await page.ClickAsync("#tab-map");
        await page.WaitAsync("/^[0-9,]+ of [0-9,]+ passages/.test(document.getElementById('status').textContent)");
        var box = await page.EvaluateAsync<JsonElement>("document.getElementById('map').getBoundingClientRect().toJSON()");
        var (left, top) = (box.GetProperty("x").GetDecimal(), box.GetProperty("y").GetDecimal());
        var (wide, high) = (box.GetProperty("width").GetDecimal(), box.GetProperty("height").GetDecimal());
        await page.WaitAsync(
            """
            (() => {
              const map = document.getElementById("map");
              const data = new Uint32Array(map.getContext("2d").getImageData(0, 0, map.width, map.height).data.buffer);
              return new Set(data).size > 5;
            })()
            """
        );
        for (var step = 0; step < 400; step++)
        {
            await page.Page.Mouse.MoveAsync(left + wide * (step % 20 + 0.5m) / 20, top + high * (step / 20 + 0.5m) / 20);
            if (await page.EvaluateAsync<bool>("document.getElementById('tip').textContent.length > 0"))
                return;
        }

        Assert.Fail("No passage was found by hovering over the whole map.");
    }
}

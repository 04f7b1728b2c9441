using System.Net.Http.Json;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>The page over a cluster: which silo serves what, by keyboard, in the dark and on a phone, and what is seen of a silo that dies.</summary>
public sealed class ClusterPageTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    private const string Shown = "document.querySelectorAll('#view-cluster tbody').length === 2";

    [Fact]
    public async Task The_silos_and_how_far_each_replica_is_are_shown_and_one_that_dies_is_seen()
    {
        Chromium.Require();
        using var folder = new TemporaryFolder();
        await using var cluster = await RunningCluster.StartAsync(folder, shards: 2);
        await cluster.StartSiloAsync("north");
        await cluster.StartSiloAsync("south");
        await using var served = await ServedDatabase.StartAsync(cluster.Environment);
        using (var client = new HttpClient { BaseAddress = served.Address })
        {
            (await client.PutAsync("/collections/notes", null)).EnsureSuccessStatusCode();
            var documents = Enumerable.Range(0, 20).Select(i => new { key = $"n{i}", fields = new { text = $"a note of number {i}" } });
            (await client.PostAsJsonAsync("/collections/notes/documents", new { documents })).EnsureSuccessStatusCode();
        }

        (await cluster.RunAsync("cluster", "rebalance")).Expect(0);
        await using (var page = await PageDriver.OpenAsync(await fixture.BrowserAsync(), served.Address))
        {
            await page.WaitAsync("document.activeElement.id === 'query' && !document.getElementById('tab-cluster').hidden");
            // By keyboard alone: there is no map between them, for a map is made of the files of one machine.
            await page.EvaluateAsync<object>("document.getElementById('tab-search').focus()");
            await page.PressAsync("ArrowRight");
            await page.WaitAsync("document.activeElement.id === 'tab-collections'");
            await page.PressAsync("ArrowRight");
            await page.WaitAsync("document.activeElement.id === 'tab-cluster' && " + Shown);
            await page.WaitAsync("document.getElementById('status').textContent.includes('every one where it belongs')");
            Assert.Equal(
                ["north|active|2", "south|active|2"],
                await page.EvaluateAsync<string[]>(
                    "[...document.querySelectorAll('#view-cluster tbody')[0].rows].map((r) => [...r.cells].slice(0, 3).map((c) => c.textContent).join('|'))"
                )
            );
            await page.WaitAsync(
                "[...document.querySelectorAll('#view-cluster tbody')[1].rows].every((r) => [...r.cells].at(-3).textContent === '0' && [...r.cells].at(-2).textContent === 'serves')"
            );
            Assert.Equal(4, await page.EvaluateAsync<int>("document.querySelectorAll('#view-cluster tbody')[1].rows.length"));
            // Past the search box the tabulator comes to the tables, which scroll by the arrows where they are too wide.
            const string AtTheSilos = "document.activeElement.getAttribute('aria-label') === 'Silos'";
            for (var stop = 0; stop < 10 && !await page.EvaluateAsync<bool>(AtTheSilos); stop++)
                await page.PressAsync("Tab");
            Assert.True(await page.EvaluateAsync<bool>(AtTheSilos));

            await cluster.KillSiloAsync("south");
            await page.WaitAsync("document.querySelector('#view-cluster tbody').textContent.includes('silent')");
            await page.WaitAsync("document.getElementById('status').textContent.includes('2 not where they belong')");
            await page.WaitAsync(
                "[...document.querySelectorAll('#view-cluster tbody')[1].rows].filter((r) => r.cells.length > 0 && r.textContent.includes('silent')).length === 2"
            );
            // The tables are the same ones: who stands in one stays there.
            Assert.True(await page.EvaluateAsync<bool>(AtTheSilos));
            Assert.Empty(page.Faults);
        }

        foreach (var (width, dark) in new[] { (1280, false), (360, true), (360, false) })
        {
            await using var page = await PageDriver.OpenAsync(
                await fixture.BrowserAsync(),
                served.Address,
                "/?view=cluster",
                width,
                800,
                dark
            );
            await page.WaitAsync(Shown);
            Assert.Empty(await page.AuditAsync());
            Assert.Empty(page.Faults);
        }
    }
}

using System.IO.Compression;
using SearchEngine.CrashHarness;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>
/// Databases of every format version, made when it was current by <c>SearchEngine.CrashHarness golden tests/SearchEngine.Tests/golden</c>;
/// <c>v1-record2</c> has records of format 2 (versions).
/// </summary>
public sealed class GoldenDatabaseTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static string Golden => Path.Combine(Repository.Root, "tests", "SearchEngine.Tests", "golden");

    public static TheoryData<string> Versions() =>
        [
            .. Directory
                .EnumerateFiles(Golden, "v*.zip")
                .Select(path => Path.GetFileNameWithoutExtension(path))
                .Order(StringComparer.Ordinal),
        ];

    [Fact]
    public void There_is_a_golden_database_of_the_current_version() =>
        Assert.Contains($"v{Storage.CheckpointManifest.CurrentFormatVersion}", Versions().Select(row => (string)row.Data));

    private string Unpack(string version)
    {
        var directory = _directory.Combine(version);
        ZipFile.ExtractToDirectory(Path.Combine(Golden, version + ".zip"), directory);
        return directory;
    }

    private static void AssertSame(GoldenDatabase.Expectation expected, GoldenDatabase.Expectation found)
    {
        Assert.Equal(expected.Lines, found.Lines);
        Assert.Equal(expected.Searches.Count, found.Searches.Count);
        foreach (var (wanted, got) in expected.Searches.Zip(found.Searches))
        {
            Assert.Equal((wanted.Name, string.Join(' ', wanted.Keys)), (got.Name, string.Join(' ', got.Keys)));
            foreach (var (a, b) in wanted.Scores.Zip(got.Scores))
                Assert.True(Math.Abs(a - b) <= 1e-5 * Math.Max(1, Math.Abs(a)), $"{wanted.Name}: score {b}, not {a}");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_database_of_every_version_opens_answers_and_takes_writes(string version)
    {
        var expected = GoldenDatabase.ReadExpectation(Path.Combine(Golden, version + ".json"));
        var directory = Unpack(version);
        await using (var reader = await SearchDatabase.OpenAsync(GoldenDatabase.Options(directory) with { ReadOnly = true }))
            AssertSame(expected, await GoldenDatabase.AskAsync(await reader.GetCollectionAsync(GoldenDatabase.Schema.Name)));

        long count;
        await using (var database = await SearchDatabase.OpenAsync(GoldenDatabase.Options(directory)))
        {
            var golden = await database.GetOrCreateCollectionAsync(GoldenDatabase.Schema);
            Assert.Empty((await golden.VerifyAsync()).Problems);
            AssertSame(expected, await GoldenDatabase.AskAsync(golden));
            count = golden.Count;
            var document = golden.Get("r5", includeVectors: true)!;
            document["text"] = "Written by a later version.";
            await golden.UpsertAsync(document);
            await golden.DeleteAsync([RecordKey.From("r0")]);
            await golden.CompactAsync();
        }

        await using var again = await SearchDatabase.OpenAsync(GoldenDatabase.Options(directory));
        var written = await again.GetCollectionAsync(GoldenDatabase.Schema.Name);
        Assert.Equal(count - 1, written.Count);
        Assert.Equal(
            "r5",
            (await written.SearchAsync(new SearchRequest { Mode = SearchMode.Keyword, Text = "later" })).Single().Key.ToString()
        );
        Assert.Empty((await written.VerifyAsync()).Problems);
        Assert.Empty((await again.RepairCollectionAsync(written.Name)).Changes);
    }
}

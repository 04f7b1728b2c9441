using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>
/// Rule: an opening that fails in one store leaves nothing of the others open, which are opened beside it: the same folder can be opened
/// again, or repaired, right after.
/// </summary>
public sealed class HalfOpenedTests : IDisposable
{
    private const int Count = 60;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Many_collections_that_are_opened_at_once_with_some_damaged_can_be_repaired_or_put_back_at_once()
    {
        // The part of a collection that is damaged; none for some.
        string[] parts = ["", "records", "graph", "lexical", "records graph", "records lexical", "graph lexical", "records graph lexical"];
        var options = Options();
        await using (var database = await SearchDatabase.OpenAsync(options))
        {
            for (var i = 0; i < parts.Length; i++)
            {
                var collection = await database.CreateCollectionAsync(Schema(i));
                await collection.UpsertAsync([.. Enumerable.Range(0, Count).Select(Record)]);
            }
        }

        for (var round = 0; round < 3; round++)
        {
            await using (var database = await SearchDatabase.OpenAsync(options))
            {
                var undo = new List<Action>();
                for (var i = 0; i < parts.Length; i++)
                    undo.Add(Damage(Schema(i).Name, parts[i]));
                await Task.WhenAll(
                    parts.Select(
                        async (part, i) =>
                        {
                            await Task.Yield();
                            var name = Schema(i).Name;
                            if (part.Length > 0)
                            {
                                for (var again = 0; again < 3; again++)
                                    await Assert.ThrowsAsync<SearchDatabaseException>(() => database.GetCollectionAsync(name));
                                if (part.Contains("records", StringComparison.Ordinal) || round == 0)
                                    undo[i]();
                                else
                                    await database.RepairCollectionAsync(name);
                            }
                            var collection = await database.GetCollectionAsync(name);
                            Assert.Equal(Count, collection.Count);
                            await collection.UpsertAsync([Record(7)]);
                            Assert.Empty((await collection.VerifyAsync()).Problems);
                            Assert.Equal(
                                7,
                                (await collection.SearchAsync(new SearchRequest { Vector = Vector(7), Mode = SearchMode.Vector }))[0].Key
                            );
                            Assert.Equal(
                                Count,
                                (
                                    await collection.SearchAsync(
                                        new SearchRequest
                                        {
                                            Text = "whale",
                                            Mode = SearchMode.Keyword,
                                            Top = 100,
                                        }
                                    )
                                ).Count
                            );
                        }
                    )
                );
            }
            if (OperatingSystem.IsLinux())
            {
                Assert.DoesNotContain(OpenFiles(), path => path.StartsWith(_directory.FullPath, StringComparison.Ordinal));
                Assert.DoesNotContain(
                    _directory.FullPath,
                    await File.ReadAllTextAsync("/proc/self/maps", TestContext.Current.CancellationToken),
                    StringComparison.Ordinal
                );
            }
        }
    }

    /// <summary>The files that this process has open; other tests open and close theirs meanwhile.</summary>
    private static List<string> OpenFiles()
    {
        var paths = new List<string>();
        foreach (var descriptor in Directory.GetFiles("/proc/self/fd"))
        {
            try
            {
                paths.Add(File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "");
            }
            catch (IOException)
            {
                // Closed by now.
            }
        }
        return paths;
    }

    /// <summary>Cuts off the files of some parts; returns what puts them back.</summary>
    private Action Damage(string name, string part)
    {
        Action undo = () => { };
        foreach (var what in part.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var folder = Directory
                .GetDirectories(_directory.FullPath, what + "*", SearchOption.AllDirectories)
                .Single(path => path.Contains(name, StringComparison.Ordinal));
            var pattern = what == "lexical" ? "segments_*" : "checkpoint-*";
            foreach (var file in Directory.GetFiles(folder, pattern))
            {
                var content = File.ReadAllBytes(file);
                File.WriteAllBytes(file, content[..^5]);
                undo += () => File.WriteAllBytes(file, content);
            }
        }
        return undo;
    }

    private SearchDatabaseOptions Options() =>
        new()
        {
            Directory = _directory.FullPath,
            CheckpointInterval = TimeSpan.Zero,
            MemoryBytes = 16 << 20,
            IndexThreads = 1,
        };

    private static CollectionSchema Schema(int i) =>
        new()
        {
            Name = $"whales-{i}",
            KeyKind = RecordKeyKind.Int32,
            Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
            Vectors = [new VectorField("vector", 8)],
        };

    private static Document Record(int key) => new(key) { ["text"] = $"whale number {key}", Vectors = { ["vector"] = Vector(key) } };

    private static float[] Vector(int key)
    {
        var random = new Random(key);
        return [.. Enumerable.Range(0, 8).Select(_ => random.NextSingle() - 0.5f)];
    }
}

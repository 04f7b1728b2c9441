using System.Diagnostics;
using System.Globalization;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Linearizability;

/// <summary>
/// Reads, writes, patches, conditional writes, deletes by filter, searches, exports and checkpoints at once on a few keys: for every key
/// there
/// is an order in which a single record could have gone through all of it. In rounds, between which the database is reopened.
/// An hour of it: <c>SEARCHENGINE_LINEARIZABILITY_SECONDS=3600 dotnet run --project tests/SearchEngine.Tests -- -class
/// SearchEngine.Tests.Linearizability.LinearizabilityTests</c>.
/// </summary>
public sealed class LinearizabilityTests
{
    private const string SecondsVariable = "SEARCHENGINE_LINEARIZABILITY_SECONDS";
    private const int Rounds = 6;

    [Fact]
    public async Task Every_history_of_a_key_has_an_order()
    {
        var seed = TestSeed.Fresh();
        var seconds = int.TryParse(Environment.GetEnvironmentVariable(SecondsVariable), CultureInfo.InvariantCulture, out var given)
            ? given
            : 0;
        using var directory = new TemporaryDirectory();
        var options = new SearchDatabaseOptions
        {
            Directory = directory.FullPath,
            MemoryBytes = 16 << 20,
            CheckpointInterval = TimeSpan.Zero,
            IndexThreads = 2,
            Durability = DatabaseDurability.None,
        };
        var possible = Enumerable.Range(0, Workload.Keys).ToDictionary(key => key, _ => new HashSet<RecordState> { RecordState.None });
        var clock = Stopwatch.StartNew();
        var operations = 0L;
        for (var round = 0; round < Rounds || clock.Elapsed.TotalSeconds < seconds; round++)
        {
            await using var database = await SearchDatabase.OpenAsync(options);
            var collection = await database.GetOrCreateCollectionAsync(Workload.Schema);
            var history = new History();
            await new Workload(collection, history, seed + round * 1000).RunAsync();
            for (var key = 0; key < Workload.Keys; key++)
            {
                // What is there in the end is part of the history, and where the next round begins.
                var called = history.Now();
                history.AddRead(
                    key,
                    called,
                    history.Now(),
                    "get at the end",
                    collection.Get(key) is { } found
                        ? new RecordState(true, (int)found["value"]!, (int)found["kept"]!, (int)found["tag"]!, found.Version)
                        : RecordState.None
                );
                try
                {
                    possible[key] = LinearizabilityChecker.Check(history.Of(key), possible[key]);
                }
                catch (InvalidOperationException e)
                {
                    throw new InvalidOperationException($"seed {seed}, round {round}, key {key}: {e.Message}", e);
                }
            }

            operations += history.Count;
            Assert.Empty((await collection.VerifyAsync()).Problems);
        }

        Console.WriteLine($"{operations} operations on single keys in {clock.Elapsed.TotalSeconds:F0} s");
    }
}

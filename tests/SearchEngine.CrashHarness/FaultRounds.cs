using SearchEngine.TestSupport;

namespace SearchEngine.CrashHarness;

/// <summary>
/// Rounds of: a fault is armed somewhere under the database, operations run until it has done its work, the database is closed and the
/// disk healed, reopened and compared. One database lives through all rounds. Whatever fails must fail with the database's own exception;
/// nothing acknowledged may be lost, and a batch that failed is there whole or not at all.
/// </summary>
public static class FaultRounds
{
    private const int OperationsPerRound = 40;
    private const int Keys = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Parts of the database that a fault can hit, by a piece of the path: log, records and graph store, manifest, Lucene, or anything.
    /// </summary>
    private static readonly string[] Places = ["write-", "records/records", "graph/records", "MANIFEST", "lexical/", "images/", ""];

    /// <summary>What became of the rounds.</summary>
    /// <param name="Rounds">How many ran.</param>
    /// <param name="Struck">In how many the fault happened.</param>
    /// <param name="Operations">Batches acknowledged in all.</param>
    /// <param name="Failures">What was wrong, in words with the seed.</param>
    public sealed record Result(int Rounds, int Struck, int Operations, IReadOnlyList<string> Failures)
    {
        public string Summary =>
            $"{Rounds} rounds, the fault happened in {Struck}, {Operations} batches acknowledged, {Failures.Count} failures";
    }

    public static async Task<Result> RunAsync(int rounds, int seed, Action<string>? report = null)
    {
        using var directory = new TemporaryDirectory();
        var round = new Round(directory.Combine("db"));
        var failures = new List<string>();
        var struck = 0;
        var done = 0;
        for (; done < rounds && failures.Count == 0; done++)
        {
            var random = new Random(seed + done);
            var running = round.RunAsync(random);
            if (!await Watchdog.EndsAsync(running, Patience))
            {
                failures.Add($"seed {seed + done}: {round.What}: nothing moved for {Patience.TotalSeconds} s");
                break;
            }

            try
            {
                await running;
            }
            catch (Exception e)
            {
                failures.Add($"seed {seed + done}: {round.What}: {e}");
            }

            if (round.Struck)
                struck++;
            report?.Invoke(
                $"round {done + 1}: {round.What}{(round.Struck ? "" : " (did not happen)")}: {(failures.Count == 0 ? "ok" : "FAILED")}"
            );
        }

        return new Result(done, struck, round.Acknowledged, failures);
    }

    private sealed class Round(string directory)
    {
        private readonly FaultyDisk _disk = new();
        private readonly Dictionary<string, int> _model = [];
        private int _version;

        public int Acknowledged { get; private set; }

        public bool Struck { get; private set; }

        public string What { get; private set; } = "";

        private SearchDatabaseOptions Options =>
            CrashModel.Options(directory) with
            {
                CheckpointInterval = TimeSpan.Zero,
                CheckpointLogBytes = 64 << 10,
                Storage = new StorageSettings
                {
                    Files = _disk,
                    Lexical = _disk.Wrap,
                    HashIndexBytes = 64 << 10,
                    ImagesFrom = 1,
                    ImageChanges = 20,
                },
            };

        public async Task RunAsync(Random random)
        {
            var fault = (DiskFault)random.Next(Enum.GetValues<DiskFault>().Length);
            var place = Places[random.Next(Places.Length)];
            var operations = random.Next(4) == 0 ? random.Next(1, 4) : random.Next(1, 60);
            var atOpening = random.Next(4) == 0;
            What = $"{fault} at operation {operations} of '{place}'{(atOpening ? " from the opening on" : "")}";
            Dictionary<string, int>? pending = null;
            if (atOpening)
                _disk.Arm(fault, place, operations);
            var database = await OpenAsync();
            if (database is not null)
            {
                try
                {
                    var collection = await CollectionAsync(database);
                    if (collection is not null)
                    {
                        if (!atOpening)
                            _disk.Arm(fault, place, operations);
                        pending = await OperateAsync(collection, random);
                    }
                }
                finally
                {
                    await CloseAsync(database);
                }
            }

            Struck = _disk.Happened;
            _disk.Heal();
            await CompareAsync(pending);
        }

        private async Task<SearchDatabase?> OpenAsync()
        {
            try
            {
                return await SearchDatabase.OpenAsync(Options);
            }
            catch (SearchDatabaseException)
            {
                return null;
            }
        }

        private static async Task<SearchCollection?> CollectionAsync(SearchDatabase database)
        {
            try
            {
                return await database.GetOrCreateCollectionAsync(CrashModel.Schema);
            }
            catch (SearchDatabaseException)
            {
                return null;
            }
        }

        private static async Task CloseAsync(SearchDatabase database)
        {
            try
            {
                await database.DisposeAsync();
            }
            catch (SearchDatabaseException)
            {
                // The last checkpoint could not be written: the log holds everything.
            }
        }

        /// <summary>Writes, reads and maintains; returns the state with a batch that failed, where one did.</summary>
        private async Task<Dictionary<string, int>?> OperateAsync(SearchCollection collection, Random random)
        {
            for (var i = 0; i < OperationsPerRound; i++)
            {
                switch (random.Next(10))
                {
                    case 0:
                        await TolerateAsync(() => collection.CheckpointAsync());
                        break;
                    case 1:
                        await TolerateAsync(() => collection.CompactAsync());
                        break;
                    case 2:
                        await ReadAsync(collection, random, null);
                        break;
                    default:
                        if (await WriteAsync(collection, random) is not { } pending)
                            break;
                        // Nothing more is taken after a failure, and readers go on.
                        for (var reads = 0; reads < 5; reads++)
                            await ReadAsync(collection, random, pending);
                        try
                        {
                            await collection.UpsertAsync(CrashModel.Record("refused", 1));
                        }
                        catch (SearchDatabaseException)
                        {
                            return pending;
                        }

                        throw new InvalidOperationException("a write was taken after one that failed");
                }
            }

            return null;
        }

        private async Task<Dictionary<string, int>?> WriteAsync(SearchCollection collection, Random random)
        {
            var batch = new WriteBatch();
            var after = new Dictionary<string, int>(_model);
            for (var n = random.Next(1, 8); n > 0; n--)
            {
                var key = $"0-{random.Next(Keys)}";
                if (random.Next(4) == 0)
                {
                    batch.Delete(key);
                    after.Remove(key);
                }
                else
                {
                    batch.Upsert(CrashModel.Record(key, ++_version));
                    after[key] = _version;
                }
            }

            try
            {
                await collection.WriteAsync(batch);
            }
            catch (SearchDatabaseException)
            {
                return after;
            }

            Acknowledged++;
            Take(after);
            return null;
        }

        /// <summary>
        /// A read gives what was acknowledged, or what the batch that failed on its way wrote (it is in the log), or the database's
        /// exception.
        /// </summary>
        private async Task ReadAsync(SearchCollection collection, Random random, Dictionary<string, int>? pending)
        {
            var key = $"0-{random.Next(Keys)}";
            try
            {
                var found = collection.Get(key, includeVectors: true);
                if (
                    CrashComparison.Difference(key, CrashComparison.VersionOf(_model, key), found) is { } difference
                    && (pending is null || CrashComparison.Difference(key, CrashComparison.VersionOf(pending, key), found) is not null)
                )
                {
                    throw new InvalidOperationException(difference);
                }
                if (found is null || pending is not null)
                    return;
                var hits = await collection.SearchAsync(
                    new SearchRequest { Mode = SearchMode.Keyword, Keywords = [$"k{key.Replace('-', 'x')}"] }
                );
                if (hits.Count != 1 || hits[0].Key != key)
                    throw new InvalidOperationException($"{key} is not found by its word");
            }
            catch (SearchDatabaseException)
            {
                // A read that fails says so; it never gives something else.
            }
        }

        private async Task CompareAsync(Dictionary<string, int>? pending)
        {
            await using var database = await SearchDatabase.OpenAsync(Options);
            var collection = await database.GetOrCreateCollectionAsync(CrashModel.Schema);
            var differences = CrashComparison.Differences(collection, Keys, _model);
            if (differences.Count > 0 && pending is not null && CrashComparison.Differences(collection, Keys, pending).Count == 0)
            {
                Take(pending);
                differences = [];
            }

            if (differences.Count > 0)
                throw new InvalidOperationException(string.Join("; ", differences.Take(5)));
            if (collection.Count != _model.Count)
                throw new InvalidOperationException($"{collection.Count} records, {_model.Count} expected");
            var report = await collection.VerifyAsync();
            if (!report.IsSound)
                throw new InvalidOperationException(string.Join("; ", report.Problems.Take(5)));
            foreach (var (key, version) in _model.Take(10))
            {
                var byVector = await collection.SearchAsync(
                    new SearchRequest
                    {
                        Mode = SearchMode.Vector,
                        Vector = CrashModel.Vector(key, version),
                        Top = 1,
                    }
                );
                if (byVector.Count == 0 || byVector[0].Key != key)
                    throw new InvalidOperationException($"{key} is not found by its vector");
            }
        }

        private static async Task TolerateAsync(Func<Task> run)
        {
            try
            {
                await run();
            }
            catch (SearchDatabaseException)
            {
                // A checkpoint or compaction that failed: the log holds everything.
            }
        }

        private void Take(Dictionary<string, int> state)
        {
            _model.Clear();
            foreach (var (key, version) in state)
                _model[key] = version;
        }
    }
}

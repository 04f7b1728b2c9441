using SearchEngine.Storage;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;

namespace SearchEngine.CrashHarness;

/// <summary>
/// Flips bytes of a small database's files, one at a time. Each time, opening or verification must notice, or every answer must be what
/// it was; any other exception, a wrong answer or a hang is a failure.
/// </summary>
public static class ByteFlips
{
    private const int Records = 6;
    private const int KeptZeros = 256;

    /// <summary>What is flipped of a byte where every byte has its turn; where some have, it is chosen too.</summary>
    private const byte AllTogether = 0x55;
    private const int Dimension = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What became of the flips.</summary>
    /// <param name="Detected">Noticed by opening or verification.</param>
    /// <param name="Unaffected">Not noticed, and every answer was right.</param>
    /// <param name="Failures">Everything else, in words.</param>
    public sealed record Result(int Detected, int Unaffected, IReadOnlyList<string> Failures);

    /// <summary>Flips bytes of every file.</summary>
    /// <param name="perFile">How many of each file, at random; 0 for every byte.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="report">Gets a line per file.</param>
    public static async Task<Result> RunAsync(int perFile, int seed, Action<string>? report = null)
    {
        var closed = await RunAsync(killed: false, perFile, seed, report);
        if (closed.Failures.Count > 0)
            return closed;
        var killed = await RunAsync(killed: true, perFile, seed, report);
        return new Result(closed.Detected + killed.Detected, closed.Unaffected + killed.Unaffected, killed.Failures);
    }

    /// <summary>
    /// Flips bytes of a database that was closed (all of it in a checkpoint) or killed (its last writes in the log alone).
    /// </summary>
    private static async Task<Result> RunAsync(bool killed, int perFile, int seed, Action<string>? report)
    {
        using var directory = new TemporaryDirectory();
        var original = directory.Combine("original");
        await MakeAsync(original, killed);
        report?.Invoke($"a database that was {(killed ? "killed" : "closed")}:");
        var detected = 0;
        var unaffected = 0;
        long total = 0;
        var failures = new List<string>();
        var random = new Random(seed);
        foreach (
            var file in Directory
                .EnumerateFiles(original, "*", SearchOption.AllDirectories)
                .Where(f => Path.GetFileName(f) != "LOCK")
                .Order(StringComparer.Ordinal)
        )
        {
            var length = new FileInfo(file).Length;
            var relative = Path.GetRelativePath(original, file);
            var places =
                perFile == 0 || perFile >= length
                    ? Enumerable.Range(0, (int)length).Select(i => (long)i)
                    : Enumerable.Range(0, perFile).Select(_ => random.NextInt64(length)).ToArray();
            foreach (var at in places)
            {
                var copy = directory.Combine("copy");
                if (Directory.Exists(copy))
                    Directory.Delete(copy, recursive: true);
                TemporaryDirectory.Copy(original, copy);
                Flip(Path.Combine(copy, relative), at, perFile == 0 ? AllTogether : (byte)random.Next(1, 256));
                var outcome = ExamineAsync(copy);
                if (!await Watchdog.EndsAsync(outcome, Patience))
                {
                    failures.Add($"{relative} byte {at}: no answer within {Patience.TotalSeconds} s");
                    return new Result(detected, unaffected, failures);
                }

                try
                {
                    if (await outcome)
                        detected++;
                    else
                        unaffected++;
                }
                catch (Exception e)
                {
                    failures.Add($"{relative} byte {at}: {e.GetType().Name}: {e.Message}");
                }
            }

            total += length;
            report?.Invoke(
                $"{relative}: {length} bytes; so far {detected} detected, {unaffected} without effect, {failures.Count} failures"
            );
        }

        report?.Invoke($"{total} bytes in all");
        return new Result(detected, unaffected, failures);
    }

    private static async Task MakeAsync(string directory, bool killed)
    {
        var lived = killed ? directory + "-lived" : directory;
        await using var database = await SearchDatabase.OpenAsync(Options(lived));
        var collection = await database.CreateCollectionAsync(Schema);
        var batch = new WriteBatch().SetMetadata("state", "value");
        for (var i = 0; i < Records; i++)
            batch.Upsert(RecordOf(i, i + 1));
        await collection.WriteAsync(batch);
        if (killed)
            await collection.CheckpointAsync();
        await collection.DeleteAsync([RecordKey.From("0-3")]);
        await collection.UpsertAsync(RecordOf(4, 40));
        // What a killed process leaves is what its files hold at this moment.
        if (killed)
            TemporaryDirectory.Copy(lived, directory);
        if (killed)
            CutZeros(directory);
    }

    /// <summary>Of the zeros that the write log lays ahead of itself, a megabyte, a few are as good as all.</summary>
    private static void CutZeros(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "write-*.log", SearchOption.AllDirectories))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            file.SetLength(Math.Min(content.Length, Array.FindLastIndex(content, value => value != 0) + 1 + KeptZeros));
        }
    }

    /// <summary>Small records of a kind each: a full-text and a filtered field, a graph over 8-bit codes.</summary>
    private static readonly CollectionSchema Schema = CrashModel.Schema with
    {
        Vectors = [new VectorField("vector", Dimension) { Metric = DistanceMetric.Euclidean, M = 4 }],
    };

    private static Document RecordOf(int number, int version) =>
        new($"0-{number}")
        {
            ["text"] = $"k0x{number} v{version}",
            ["version"] = version,
            Vectors = { ["vector"] = new float[] { number, version, -number, 1 } },
        };

    private static SearchDatabaseOptions Options(string directory) =>
        CrashModel.Options(directory) with
        {
            CheckpointInterval = TimeSpan.Zero,
            Storage = SmallFiles,
        };

    /// <summary>Hash indexes of 512 bytes in place of megabytes, so that every byte can be flipped.</summary>
    private static readonly StorageSettings SmallFiles = new()
    {
        HashIndexBytes = 512,
        IndexImageBytes = 1,
        StoreBytes = RecordStoreOptions.MinimumMemoryBytes,
    };

    /// <summary>True if damage was noticed, false if every answer is right; throws on a wrong one.</summary>
    private static async Task<bool> ExamineAsync(string directory)
    {
        try
        {
            await using var database = await SearchDatabase.OpenAsync(Options(directory));
            if (!database.CollectionExists(Schema.Name))
                throw new InvalidOperationException("the collection is gone without a word");
            var collection = await database.GetCollectionAsync(Schema.Name);
            if ((await collection.VerifyAsync()).Problems.Count > 0)
                return true;
            for (var i = 0; i < Records; i++)
            {
                var found = collection.Get($"0-{i}", includeVectors: true);
                int? version =
                    i == 3 ? null
                    : i == 4 ? 40
                    : i + 1;
                if (version is null ? found is not null : found is null || (int)found["version"]! != version)
                    throw new InvalidOperationException($"record 0-{i} is wrong and nothing was noticed");
                if (version is null)
                    continue;
                var wanted = RecordOf(i, version.Value);
                if (
                    (string)found!["text"]! != (string)wanted["text"]!
                    || !found.Vectors["vector"].Span.SequenceEqual(wanted.Vectors["vector"].Span)
                )
                {
                    throw new InvalidOperationException($"record 0-{i} has wrong content and nothing was noticed");
                }
                var byWord = await collection.SearchAsync(new SearchRequest { Mode = SearchMode.Keyword, Keywords = [$"k0x{i}"] });
                if (byWord.Count != 1 || byWord[0].Key != $"0-{i}")
                    throw new InvalidOperationException($"record 0-{i} is not found by its word");
                var byVector = await collection.SearchAsync(
                    new SearchRequest
                    {
                        Mode = SearchMode.Vector,
                        Vector = wanted.Vectors["vector"],
                        Top = 1,
                    }
                );
                if (byVector.Count != 1 || byVector[0].Key != $"0-{i}")
                    throw new InvalidOperationException($"record 0-{i} is not found by its vector");
            }

            if (collection.GetMetadata("state") != "value")
                throw new InvalidOperationException("the metadata is wrong");
            return false;
        }
        catch (SearchDatabaseException)
        {
            return true;
        }
    }

    private static void Flip(string path, long at, byte mask)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ mask));
    }
}

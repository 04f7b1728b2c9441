using System.Diagnostics;
using SearchEngine.TestSupport;

namespace SearchEngine.CrashHarness;

/// <summary>
/// Rounds of: a child writes from several threads, the parent kills it at a random moment, reopens, compares and verifies. One database
/// lives through all rounds.
/// </summary>
public static class CrashRounds
{
    /// <summary>The bytes that a child notes at most before it is killed: some hundred batches, with checkpoints among them.</summary>
    private const int NotesPerRound = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>What became of the rounds.</summary>
    /// <param name="Rounds">How many were run.</param>
    /// <param name="Operations">Operations (records written or deleted) that were acknowledged in all of them.</param>
    /// <param name="Failures">What was wrong, in words with the seed.</param>
    public sealed record Result(int Rounds, int Operations, IReadOnlyList<string> Failures)
    {
        /// <summary>One line.</summary>
        public string Summary => $"{Rounds} rounds, {Operations} operations acknowledged, {Failures.Count} failures";
    }

    /// <summary>Runs the rounds; ends with the first that fails.</summary>
    public static async Task<Result> RunAsync(int rounds, int seed, Action<string>? report = null)
    {
        using var directory = new TemporaryDirectory();
        var database = directory.Combine("db");
        var journal = directory.Combine("journal");
        var settled = Enumerable.Range(0, CrashModel.Threads).Select(_ => new HashSet<int>()).ToArray();
        var failures = new List<string>();
        var random = new Random(seed);
        var round = 0;
        for (; round < rounds && failures.Count == 0; round++)
        {
            var roundSeed = seed + round;
            var childErrors = await WriteAndKillAsync(database, journal, roundSeed, random);
            if (childErrors is not null)
                failures.Add($"seed {roundSeed}: the writer ended by itself or hangs: {childErrors}");
            failures.AddRange((await CompareAsync(database, journal, settled)).Select(problem => $"seed {roundSeed}: {problem}"));
            report?.Invoke($"round {round + 1}: {(failures.Count == 0 ? "ok" : "FAILED")}");
        }

        var operations = Enumerable
            .Range(0, CrashModel.Threads)
            .Sum(thread => CrashJournal.CountAcknowledged($"{journal}.{thread}", settled[thread]));
        return new Result(round, operations, failures);
    }

    /// <summary>
    /// The child lives until it has noted so and so much, and a moment longer: by the clock a busy machine would not let it begin. One in
    /// six is killed while it starts or opens.
    /// </summary>
    private static async Task<string?> WriteAndKillAsync(string database, string journal, int seed, Random random)
    {
        var opens = random.Next(6) == 0;
        var wanted = opens ? 0 : LengthOf(journal) + random.Next(1, NotesPerRound);
        var moment = TimeSpan.FromMilliseconds(opens ? random.Next(50, 800) : random.Next(20));
        var assembly = typeof(CrashRounds).Assembly.Location;
        using var child = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [assembly, "write", database, journal, seed.ToString(System.Globalization.CultureInfo.InvariantCulture)]
            )
            {
                RedirectStandardError = true,
            }
        )!;
        var errors = child.StandardError.ReadToEndAsync();
        var started = Stopwatch.StartNew();
        while (!child.HasExited && LengthOf(journal) < wanted && started.Elapsed < Patience)
            await Task.Delay(1);
        var hangs = !child.HasExited && LengthOf(journal) < wanted;
        await Task.Delay(moment);
        var ended = child.HasExited;
        if (!ended)
            child.Kill();
        await child.WaitForExitAsync();
        return ended ? await errors
            : hangs ? $"it has not noted {wanted} bytes in {Patience}"
            : null;
    }

    /// <summary>How long the notes of all threads are.</summary>
    private static long LengthOf(string journal) =>
        Enumerable
            .Range(0, CrashModel.Threads)
            .Select(thread => new FileInfo($"{journal}.{thread}"))
            .Sum(notes => notes.Exists ? notes.Length : 0);

    private static async Task<List<string>> CompareAsync(string directory, string journal, HashSet<int>[] settled)
    {
        var problems = new List<string>();
        await using var database = await SearchDatabase.OpenAsync(CrashModel.Options(directory));
        if (!database.CollectionExists(CrashModel.Schema.Name))
            return File.Exists($"{journal}.0") ? ["the collection is gone"] : [];
        var collection = await database.GetCollectionAsync(CrashModel.Schema.Name);
        var expectedCount = 0;
        for (var thread = 0; thread < CrashModel.Threads; thread++)
        {
            var notes = $"{journal}.{thread}";
            if (!File.Exists(notes))
                continue;
            var (acknowledged, pending) = CrashJournal.Read(notes, settled[thread]);
            var asAcknowledged = Differences(collection, thread, acknowledged);
            if (asAcknowledged.Count == 0)
            {
                expectedCount += acknowledged.Values.Count(s => s.Version is not null);
            }
            else if (pending is not null && Differences(collection, thread, pending) is { Count: 0 })
            {
                settled[thread].Add(CrashJournal.LastLine(notes));
                expectedCount += pending.Values.Count(s => s.Version is not null);
            }
            else
            {
                problems.AddRange(asAcknowledged.Take(5));
            }
        }

        if (problems.Count == 0 && collection.Count != expectedCount)
            problems.Add($"{collection.Count} records, {expectedCount} expected");
        problems.AddRange((await collection.VerifyAsync()).Problems.Take(5));
        if (problems.Count == 0)
            problems.AddRange(await SearchesAsync(collection));
        return problems;
    }

    /// <summary>How the thread's keys differ from a state: fields, vector and presence of every key.</summary>
    private static List<string> Differences(SearchCollection collection, int thread, Dictionary<string, CrashJournal.State> expected)
    {
        var differences = new List<string>();
        for (var i = 0; i < CrashModel.KeysPerThread; i++)
        {
            var key = $"{thread}-{i}";
            var version = expected.TryGetValue(key, out var state) ? state.Version : null;
            var found = collection.Get(key, includeVectors: true);
            if (version is null)
            {
                if (found is not null)
                    differences.Add($"{key} is there as version {found["version"]}, deleted or never written");
                continue;
            }

            var wanted = CrashModel.Record(key, version.Value);
            if (found is null)
                differences.Add($"{key} is lost, version {version} was acknowledged");
            else if ((int)found["version"]! != version || (string)found["text"]! != (string)wanted["text"]!)
                differences.Add($"{key} has version {found["version"]}, {version} was acknowledged");
            else if (!found.Vectors["vector"].Span.SequenceEqual(wanted.Vectors["vector"].Span))
                differences.Add($"{key} has another version's vector");
        }

        return differences;
    }

    /// <summary>Every record is found first by its own vector and by its own word.</summary>
    private static async Task<List<string>> SearchesAsync(SearchCollection collection)
    {
        var problems = new List<string>();
        foreach (var document in collection.Query(new RecordQuery { IncludeVectors = true }))
        {
            var byVector = await collection.SearchAsync(
                new SearchRequest
                {
                    Mode = SearchMode.Vector,
                    Vector = document.Vectors["vector"],
                    Top = 1,
                }
            );
            if (byVector.Count == 0 || byVector[0].Key != document.Key)
            {
                var all = await collection.SearchAsync(
                    new SearchRequest
                    {
                        Mode = SearchMode.Vector,
                        Vector = document.Vectors["vector"],
                        Top = 1000,
                        Ef = 4000,
                    }
                );
                var place = all.ToList().FindIndex(hit => hit.Key == document.Key);
                problems.Add(
                    $"{document.Key} is not found by its vector: {(byVector.Count == 0 ? "nothing" : $"{byVector[0].Key} at {byVector[0].Distance}")} came first; of {all.Count} of {collection.Count} hits it is number {place + 1}"
                );
            }

            var byWord = await collection.SearchAsync(
                new SearchRequest
                {
                    Mode = SearchMode.Keyword,
                    Keywords = ["k" + document.Key.ToString().Replace('-', 'x')],
                    Top = 2,
                }
            );
            if (byWord.Count != 1 || byWord[0].Key != document.Key)
                problems.Add($"{document.Key} is not found by its word");
        }

        return problems;
    }
}

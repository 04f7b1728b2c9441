using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Store;

/// <summary>
/// A large collection through the whole engine: one child process ingests, checkpoints, goes on writing and is killed (SIGKILL) while it
/// does; another opens what is left, replays the log, and checks every acknowledged record of the tail, a sample of the others and some
/// searches.
/// The parent only starts them, kills, and reports. Children are this program with the commands "million-ingest" and "million-open".
/// </summary>
internal static class StoreMillion
{
    private const string IngestDone = "checkpointed";

    public static int Run(MillionOptions options)
    {
        var directory = options.Again
            ? StoreOutput.Under(options.Directory, "million")
            : StoreOutput.Directory(options.Directory, "million");
        options = options with { Directory = directory };
        long acknowledged;
        using (var ingest = Start(options, "million-ingest", options.Count))
        {
            var summary = ReadUntil(ingest, IngestDone, out acknowledged);

            // Writing goes on behind the checkpoint; killed in the middle of it.
            acknowledged = Math.Max(acknowledged, ReadTail(ingest, options.TailRecords));
            var peak = PeakMegabytes(ingest);
            ingest.Kill(entireProcessTree: true);
            while (ingest.StandardOutput.ReadLine() is { } line)
                acknowledged = Math.Max(acknowledged, Acknowledged(line));
            ingest.WaitForExit();
            StoreOutput.CollectionLine(
                "million/ingest",
                options.Dimensions,
                [
                    .. summary.Select(pair => (pair.Key, pair.Value?.DeepClone())),
                    ("peakProcessMB", peak),
                    ("acknowledgedAtKill", acknowledged),
                ]
            );
        }

        using var open = Start(options, "million-open", acknowledged);
        var result = ReadUntil(open, "opened", out _);
        open.WaitForExit();
        StoreOutput.CollectionLine("million/open", options.Dimensions, [.. result.Select(pair => (pair.Key, pair.Value?.DeepClone()))]);
        return open.ExitCode;
    }

    /// <summary>
    /// The child that writes until it is killed: a JSON line when the checkpoint is whole, then the count of acknowledged records after
    /// each batch.
    /// </summary>
    public static async Task<int> IngestAsync(MillionOptions options)
    {
        var clock = Stopwatch.StartNew();
        await using var database = await SearchDatabase.OpenAsync(options.ToDatabase()).ConfigureAwait(false);
        var collection = await database.GetOrCreateCollectionAsync(MillionData.Schema(options)).ConfigureAwait(false);
        var (openSeconds, openMegabytes) = (clock.Elapsed.TotalSeconds, Environment.WorkingSet >> 20);
        var written = options.Again ? options.Count : 0;
        var lastReport = 0.0;
        while (written < options.Count)
        {
            var batch = Math.Min(options.Batch, options.Count - written);
            await collection.UpsertAsync(MillionData.Documents(options, written, batch)).ConfigureAwait(false);
            written += batch;
            if (clock.Elapsed.TotalSeconds - lastReport < 10)
                continue;
            lastReport = clock.Elapsed.TotalSeconds;
            await Console
                .Error.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{written} records, {clock.Elapsed.TotalSeconds:F0} s, {Environment.WorkingSet >> 20} MB"
                    )
                )
                .ConfigureAwait(false);
        }

        var ingestSeconds = clock.Elapsed.TotalSeconds;
        await collection.CheckpointAsync().ConfigureAwait(false);
        var info = collection.GetInfo();
        await WriteAsync(
                IngestDone,
                new JsonObject
                {
                    ["records"] = written,
                    ["ingested"] = !options.Again,
                    ["openSeconds"] = ResultLine.Round(openSeconds),
                    ["processAfterOpenMB"] = openMegabytes,
                    ["dimensions"] = options.Dimensions,
                    ["memoryBudgetMB"] = options.MemoryMegabytes,
                    ["ingestSeconds"] = ResultLine.Round(ingestSeconds),
                    ["lastCheckpointSeconds"] = ResultLine.Round(clock.Elapsed.TotalSeconds - ingestSeconds),
                    ["processorSeconds"] = ResultLine.Round(Environment.CpuUsage.TotalTime.TotalSeconds),
                    ["memoryMB"] = info.MemoryBytes >> 20,
                    ["processMB"] = Environment.WorkingSet >> 20,
                    ["diskMB"] = info.DiskBytes >> 20,
                    ["acknowledged"] = written,
                }
            )
            .ConfigureAwait(false);
        for (; ; written += TailBatch)
        {
            await collection.UpsertAsync(MillionData.Documents(options, written, TailBatch)).ConfigureAwait(false);
            await Console.Out.WriteLineAsync($"tail {written + TailBatch}").ConfigureAwait(false);
        }
    }

    private const int TailBatch = 50;
    private const int Sampled = 2000;
    private const int Searches = 200;

    private const int Ef = VectorIndexOptions.DefaultEfSearch;
    private const double SoundShare = 0.9;

    /// <summary>The child that opens: how long until the first search is answered, and whether everything is there.</summary>
    public static async Task<int> OpenAsync(MillionOptions options, int acknowledged)
    {
        var clock = Stopwatch.StartNew();
        await using var database = await SearchDatabase.OpenAsync(options.ToDatabase()).ConfigureAwait(false);
        var collection = await database.GetCollectionAsync(MillionData.CollectionName).ConfigureAwait(false);
        var openSeconds = clock.Elapsed.TotalSeconds;
        var openProcessor = Environment.CpuUsage.TotalTime.TotalSeconds;
        await SelfHitAsync(options, collection, 0).ConfigureAwait(false);
        var firstSearch = clock.Elapsed.TotalSeconds;
        var afterOpen = Environment.WorkingSet >> 20;

        var missing = 0;
        var random = new Random(5);
        for (var number = options.Count; number < acknowledged; number++)
            missing += Holds(options, collection, number) ? 0 : 1;
        for (var i = 0; i < Sampled; i++)
            missing += Holds(options, collection, random.Next(options.Count)) ? 0 : 1;
        var hits = 0;
        var searching = Stopwatch.StartNew();
        for (var i = 0; i < Searches; i++)
            hits += await SelfHitAsync(options, collection, random.Next(acknowledged)).ConfigureAwait(false) ? 1 : 0;
        var searchMs = searching.Elapsed.TotalMilliseconds / Searches;
        var info = collection.GetInfo();
        await WriteAsync(
                "opened",
                new JsonObject
                {
                    ["records"] = collection.Count,
                    ["dimensions"] = options.Dimensions,
                    ["acknowledged"] = acknowledged,
                    ["replayedRecords"] = acknowledged - options.Count,
                    ["openSeconds"] = ResultLine.Round(openSeconds),
                    ["openProcessorSeconds"] = ResultLine.Round(openProcessor),
                    ["firstSearchSeconds"] = ResultLine.Round(firstSearch),
                    ["memoryBudgetMB"] = options.MemoryMegabytes,
                    ["memoryMB"] = info.MemoryBytes >> 20,
                    ["processAfterOpenMB"] = afterOpen,
                    ["processMB"] = Environment.WorkingSet >> 20,
                    ["diskMB"] = info.DiskBytes >> 20,
                    ["sampled"] = Sampled,
                    ["missingOrDifferent"] = missing,
                    ["searches"] = Searches,
                    ["ef"] = Ef,
                    ["foundItself"] = hits,
                    ["searchMs"] = ResultLine.Round(searchMs),
                }
            )
            .ConfigureAwait(false);
        return missing == 0 && collection.Count >= acknowledged && hits >= SoundShare * Searches ? 0 : 1;
    }

    private static bool Holds(MillionOptions options, SearchCollection collection, int number)
    {
        var expected = MillionData.Document(options, number);
        var found = collection.Get(number, includeVectors: true);
        return found is not null
            && Equals(found["text"], expected["text"])
            && Equals(found["group"], expected["group"])
            && found.Vectors[MillionData.VectorName].Span.SequenceEqual(expected.Vectors[MillionData.VectorName].Span);
    }

    private static async Task<bool> SelfHitAsync(MillionOptions options, SearchCollection collection, int number)
    {
        var vector = MillionData.Document(options, number).Vectors[MillionData.VectorName];
        var hits = await collection
            .SearchAsync(
                new SearchRequest
                {
                    Vector = vector,
                    Mode = SearchMode.Vector,
                    Top = 10,
                    Ef = Ef,
                }
            )
            .ConfigureAwait(false);
        return hits.Count > 0 && hits[0].Key == number;
    }

    private static Process Start(MillionOptions options, string command, long acknowledged)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(StoreMillion).Assembly.Location);
        foreach (
            var argument in (string[])
                ["store", command, .. options.ToArguments(), "--acknowledged", acknowledged.ToString(CultureInfo.InvariantCulture)]
        )
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }

    private static JsonObject ReadUntil(Process child, string what, out long acknowledged)
    {
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith(what + " ", StringComparison.Ordinal))
                continue;
            var summary = JsonNode.Parse(line[(what.Length + 1)..])!.AsObject();
            acknowledged = summary["acknowledged"]!.GetValue<long>();
            return summary;
        }

        child.WaitForExit();
        throw new InvalidDataException($"The child ended with {child.ExitCode} before it said '{what}'.");
    }

    private static long ReadTail(Process child, int records)
    {
        long first = 0;
        long last = 0;
        while (last - first < records && child.StandardOutput.ReadLine() is { } line)
        {
            last = Acknowledged(line);
            if (first == 0)
                first = last;
        }

        return last;
    }

    private static long Acknowledged(string line) =>
        line.StartsWith("tail ", StringComparison.Ordinal)
        && long.TryParse(line.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    /// <summary>The most memory the child ever held; null where the system does not say.</summary>
    private static long? PeakMegabytes(Process child)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var line = File.ReadLines($"/proc/{child.Id}/status").FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? null : long.Parse(line.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) >> 10;
    }

    private static Task WriteAsync(string what, JsonObject summary) =>
        Console.Out.WriteLineAsync($"{what} {summary.ToJsonString(JsonSerializerOptions.Default)}");
}

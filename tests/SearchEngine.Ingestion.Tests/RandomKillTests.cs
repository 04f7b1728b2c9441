using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SearchEngine.Ingestion.Tests.Formats;
using SearchEngine.TestSupport;

namespace SearchEngine.Ingestion.Tests;

/// <summary>
/// kill -9 at any moment of an ingestion of many formats, the first one and one that replaces, moves and removes: the run after it ends in the
/// collection of an undisturbed one, by a hash of all its contents. docs/cli.md says how to run a hundred rounds.
/// </summary>
public sealed class RandomKillTests
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("SEARCHENGINE_KILL_ROUNDS"), out var rounds)
        ? rounds
        : 2;

    [Fact]
    public async Task A_run_after_kills_ends_in_the_collection_of_an_undisturbed_one()
    {
        var seed = Rounds > 2 ? Environment.TickCount : 17;
        var random = new Random(seed);
        using var before = new TempFolder();
        await using var undisturbed = await IngestionFixture.CreateAsync();
        // An earlier state of the folder is ingested into a database that every other round begins with.
        WriteCorpus(undisturbed.Files, version: 1);
        await undisturbed.IngestAsync(KilledIngestion.Options);
        await undisturbed.Database.DisposeAsync();
        TemporaryDirectory.Copy(undisturbed.Data.FullPath, before.Path);
        WriteCorpus(undisturbed.Files, version: 2);
        var (duration, _) = Child(undisturbed, null);
        await undisturbed.OpenAsync();
        var expected = await LinesAsync(undisturbed.Collection);
        await undisturbed.Database.DisposeAsync();

        var kills = 0;
        for (var round = 0; round < Rounds; round++)
        {
            Clear(undisturbed.Data.FullPath);
            if (round % 2 == 1)
            {
                TemporaryDirectory.Copy(before.Path, undisturbed.Data.FullPath);
            }

            for (var i = random.Next(1, 4); i > 0; i--)
            {
                kills += Child(undisturbed, duration * random.NextDouble()).WasKilled ? 1 : 0;
            }

            await undisturbed.OpenAsync();
            await undisturbed.IngestAsync(KilledIngestion.Options);
            var actual = await LinesAsync(undisturbed.Collection);
            Assert.True(
                Hash(expected) == Hash(actual),
                $"seed {seed}, round {round}: missing {First(expected.Except(actual))}, more {First(actual.Except(expected))}"
            );
            var verification = await undisturbed.Collection.VerifyAsync();
            Assert.True(verification.IsSound, $"seed {seed}, round {round}: {string.Join('\n', verification.Problems)}");
            await undisturbed.Database.DisposeAsync();
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{Rounds} rounds, {kills} kills, seed {seed}, {duration.TotalSeconds:0.00} s undisturbed"
        );
        await undisturbed.OpenAsync();
    }

    /// <summary>Files of all formats, large ones among them; the second version changes, moves, copies and removes some.</summary>
    private static void WriteCorpus(TempFolder files, int version)
    {
        var samples = new SampleFiles(Path.Combine(files.Path, "nowhere"), "http://127.0.0.1:1");
        // Once: some formats carry the time at which they were written.
        foreach (var extension in version == 1 ? SampleFiles.Extensions : [])
        {
            foreach (var (bytes, i) in samples.Of(extension).Select((bytes, i) => (bytes, i)))
            {
                files.Write($"formats/{i}{extension}", bytes);
            }
        }

        var changed = version == 1 ? "" : " in its new form";
        Write(
            "large.jsonl",
            string.Concat(Enumerable.Range(0, 150).Select(i => $"{{\"text\":\"record {i}{(i % 7 == 0 ? changed : "")}\"}}\n"))
        );
        Write(
            "large.txt",
            string.Concat(Enumerable.Range(0, 200).Select(i => $"Paragraph {i}{(i > 100 ? changed : "")} {new string('x', 90)}.\n\n"))
        );
        Write("table.csv", "name;size\n" + string.Concat(Enumerable.Range(0, 900).Select(i => $"row {i}{(i == 5 ? changed : "")};{i}\n")));
        for (var i = 0; i < 30; i++)
        {
            Write($"small/{i:00}.md", $"# Note {i}\n\nAbout number{i}{(i % 5 == 0 ? changed : "")}.\n");
        }

        if (version == 1)
        {
            files.Write("gone/old.md", "# Old\n\ngoes away\n");
            files.Write("moves.md", "# Moves\n\nto another place\n");
        }
        else
        {
            Directory.Delete(files["gone"], recursive: true);
            Directory.CreateDirectory(files["moved"]);
            File.Move(files["moves.md"], files["moved/moves.md"]);
            files.Write("small/copy.md", File.ReadAllBytes(files["small/03.md"]));
        }

        // A file that is as it was keeps its time.
        void Write(string name, string text)
        {
            if (!File.Exists(files[name]) || File.ReadAllText(files[name]) != text)
            {
                files.Write(name, text);
            }
        }
    }

    private static (TimeSpan Duration, bool WasKilled) Child(IngestionFixture fixture, TimeSpan? killAfter)
    {
        using var child = KilledIngestion.Start(fixture.Files.Path, fixture.Data.FullPath);
        while (child.StandardOutput.ReadLine() is { } line && !line.Contains(KilledIngestion.Begins, StringComparison.Ordinal)) { }
        var watch = Stopwatch.StartNew();
        var output = child.StandardOutput.ReadToEndAsync();
        var ended = child.WaitForExit(killAfter ?? TimeSpan.FromMinutes(5));
        if (!ended)
        {
            child.Kill();
            child.WaitForExit();
        }

        var told = output.GetAwaiter().GetResult();
        // The runner's own exit code says nothing.
        Assert.True(!ended || told.Contains(KilledIngestion.Ended, StringComparison.Ordinal), $"an ingestion ended by itself: {told}");
        Assert.True(ended || killAfter is not null, "an undisturbed ingestion did not end");
        return (watch.Elapsed, !ended);
    }

    /// <summary>All records with their fields and vectors, and all states of files. Which of several copies owns the records is left open.</summary>
    private static async Task<List<string>> LinesAsync(SearchCollection collection)
    {
        var lines = new List<string>();
        foreach (var record in collection.Query(new RecordQuery { IncludeVectors = true }))
        {
            var isCopied = (await collection.GetMetadataAsync(CorpusKeeper.CopiesPrefix + record["source"])) is not null;
            var fields = record.Fields.Where(f => !isCopied || f.Key is not ("source" or "document" or "modified"));
            var key = isCopied ? "copied" : record.Key.ToString();
            var vector = string.Join(',', record.Vectors[IngestionSchema.VectorField].ToArray());
            lines.Add(
                $"{key}|{string.Join('|', fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key}={(f.Value is DateTime time ? time.Ticks : f.Value)}")))}|{vector}"
            );
        }

        foreach (var (name, value) in collection.ListMetadata(FileState.Prefix))
        {
            var state = FileState.Decode(value)!;
            lines.Add($"{name}|{state.Hash}|{state.Complete}|{state.Pipeline}|{state.Length}");
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string Hash(List<string> lines) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    private static string First(IEnumerable<string> lines) =>
        string.Join(" and ", lines.Take(3).Select(line => line.Length > 300 ? line[..300] : line));

    private static void Clear(string folder)
    {
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }
}

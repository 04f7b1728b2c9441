using System.CommandLine;
using System.Globalization;
using SearchEngine.Ingestion;

namespace SearchEngine.Workloads.Fidelity;

/// <summary>
/// <c>fidelity DIR</c>: how much of the text of files is in their chunks, by the text of another extractor beside each file.
/// </summary>
internal static class FidelityCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description =
                "Files with a reference text beside each: NAME.EXT and NAME.EXT.ref.txt (UTF-8); the same text in other orders: NAME.EXT.ref.*.txt",
        };
        var worst = new Option<int>("--worst") { Description = "Files to list with the words they lack", DefaultValueFactory = _ => 5 };
        var command = new Command("fidelity", "Words and pairs of words of reference texts that are found in the chunks of the files")
        {
            folder,
            worst,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(folder).FullName, parsed.GetValue(worst)));
        return command;
    }

    private static int Run(string folder, int worst)
    {
        var readers = DocumentReaders
            .Default.SelectMany(r => r.Extensions.Select(e => (e, r)))
            .GroupBy(x => x.e)
            .ToDictionary(g => g.Key, g => g.Last().r);
        var results = new List<FileFidelity>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var reference = path + ".ref.txt";
            if (
                IsReference(path)
                || !File.Exists(reference)
                || !readers.TryGetValue(Path.GetExtension(path).ToLowerInvariant(), out var reader)
            )
            {
                continue;
            }

            results.Add(FileFidelity.Measure(path, reader, File.ReadAllText(reference), OtherOrders(path)));
        }

        Console.WriteLine(
            "| format | files | failed | words | words, pooled | bigrams | bigrams, agreed | chunks | headings alone | markup left | seconds |"
        );
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var group in results.GroupBy(r => r.Format).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var read = group.Where(r => r.Problem is null).ToList();
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {group.Key} | {group.Count()} | {group.Count() - read.Count} | {Mean(read, r => r.WordShare):0.0000} "
                        + $"| {(double)read.Sum(r => r.WordsFound) / Math.Max(1, read.Sum(r => r.Words)):0.0000} | {Mean(read, r => r.BigramShare):0.0000} | {Mean(read, r => r.AgreedBigramShare):0.0000} "
                        + $"| {read.Sum(r => r.Chunks)} | {read.Sum(r => r.HeadingsAlone)} | {read.Sum(r => r.MarkupLeft)} | {read.Sum(r => r.Seconds):0.0} |"
                )
            );
        }

        foreach (var result in results.OrderBy(r => r.Problem is null ? r.WordShare : -1).Take(worst))
        {
            Console.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.GetRelativePath(folder, result.Path)}: {result.Problem ?? $"{result.WordShare:0.0000} of {result.Words} words, bigrams {result.BigramShare:0.0000} (agreed {result.AgreedBigramShare:0.0000}), lacks {string.Join(' ', result.Lacking)}"}"
                )
            );
        }

        return results.Count == 0 ? 1 : 0;
    }

    private static bool IsReference(string path) =>
        path.EndsWith(".txt", StringComparison.Ordinal) && Path.GetFileName(path).Contains(".ref.", StringComparison.Ordinal);

    private static List<string> OtherOrders(string path) =>
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".ref.*.txt").Select(File.ReadAllText)];

    private static double Mean(IReadOnlyCollection<FileFidelity> results, Func<FileFidelity, double> value) =>
        results.Count == 0 ? 0 : results.Average(value);
}

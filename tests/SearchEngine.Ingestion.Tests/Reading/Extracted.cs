using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>What is found of a file: its chunks as they are stored, by the reader of its extension.</summary>
internal sealed partial class Extracted
{
    private Extracted(IReadOnlyList<SourceDocument> documents, List<(string, int?)> warnings)
    {
        Documents = documents;
        Warnings = [.. warnings.Select(w => w.Item1)];
        Chunks = [.. documents.SelectMany(d => new Chunker().Cut(d))];
        Text =
            string.Join('\n', documents.Select(d => d.Title))
            + "\n"
            + string.Join('\n', Chunks.Select(c => string.Join('\n', c.HeadingPath) + "\n" + c.Text));
        Words = Words_().Matches(Text).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
    }

    public IReadOnlyList<SourceDocument> Documents { get; }

    public IReadOnlyList<string> Warnings { get; }

    public IReadOnlyList<TextChunk> Chunks { get; }

    public string Text { get; }

    public HashSet<string> Words { get; }

    public static string Case(string name) => Path.Combine(AppContext.BaseDirectory, "Cases", name);

    public static Extracted Of(string path, System.Text.Encoding? encoding = null)
    {
        var reader = DocumentReaders.ByExtension(DocumentReaders.Default)[Path.GetExtension(path)];
        var warnings = new List<(string, int?)>();
        var byExtension = DocumentReaders.ByExtension(DocumentReaders.Default);
        var contained = new ContainedFiles((name, _) => byExtension.GetValueOrDefault(Path.GetExtension(name)));
        var file = new SourceFile(path, path) { Encoding = encoding, Contained = contained };
        return new Extracted([.. reader.Read(file, (message, line) => warnings.Add((message, line)), CancellationToken.None)], warnings);
    }

    /// <summary>Fails with the words that are not found.</summary>
    public void Has(IEnumerable<string> words, string origin = "")
    {
        var missing = words.Where(w => !Words.Contains(w)).ToList();
        Assert.True(missing.Count == 0, $"not found: {string.Join(' ', missing)} in\n{Text}\n{origin}");
    }

    /// <summary>Fails if a chunk is a heading and nothing more.</summary>
    public void HasNoHeadingAlone() =>
        Assert.DoesNotContain(Chunks, c => Documents.Any(d => d.Title == c.Text) || Chunks.Any(o => o.HeadingPath.Contains(c.Text)));

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Words_();
}

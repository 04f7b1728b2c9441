using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using SearchEngine.Ingestion;

namespace SearchEngine.Workloads.Fidelity;

/// <summary>How much of a reference text is in the chunks of a file.</summary>
internal sealed partial record FileFidelity(string Path, string Format)
{
    private const int MaxLacking = 25;

    /// <summary>Why the file could not be read; null where it could.</summary>
    public string? Problem { get; private init; }

    /// <summary>Distinct words of the reference.</summary>
    public int Words { get; private init; }

    public int WordsFound { get; private init; }

    public double WordShare => Words == 0 ? 1 : (double)WordsFound / Words;

    /// <summary>Share of the distinct pairs of words that follow each other.</summary>
    public double BigramShare { get; private init; }

    /// <summary>
    /// The same of those pairs alone that another order of the reference has as well; of all where there is no other order.
    /// </summary>
    public double AgreedBigramShare { get; private init; }

    public int Chunks { get; private init; }

    /// <summary>Chunks whose text is a heading and nothing more, in documents of more than one chunk.</summary>
    public int HeadingsAlone { get; private init; }

    /// <summary>Chunks with tags, entities or link targets left in them.</summary>
    public int MarkupLeft { get; private init; }

    public double Seconds { get; private init; }

    public IReadOnlyList<string> Lacking { get; private init; } = [];

    public static FileFidelity Measure(string path, IDocumentReader reader, string reference, IReadOnlyList<string> otherOrders)
    {
        var result = new FileFidelity(path, reader.Name.Split('(')[0]);
        var watch = Stopwatch.StartNew();
        var chunks = new List<(string Title, TextChunk Chunk)>();
        try
        {
            foreach (var document in reader.Read(new SourceFile(path, path), (_, _) => { }, CancellationToken.None))
            {
                chunks.AddRange(new Chunker().Cut(document).Select(c => (document.Title, c)));
            }
        }
        catch (SourceFormatException e)
        {
            return result with { Problem = e.Message };
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var text = new StringBuilder();
        foreach (var (title, chunk) in chunks)
        {
            text.Append(title).Append('\n').AppendJoin('\n', chunk.HeadingPath).Append('\n').Append(chunk.Text).Append('\n');
        }

        var wanted = WordsOf(WithoutLigatures(reference));
        var got = WordsOf(text.ToString());
        var gotWords = got.ToHashSet(StringComparer.Ordinal);
        var wantedWords = wanted.ToHashSet(StringComparer.Ordinal);
        var gotPairs = Pairs(got).ToHashSet();
        var wantedPairs = Pairs(wanted).ToHashSet();
        var otherPairs = otherOrders.SelectMany(order => Pairs(WordsOf(WithoutLigatures(order)))).ToHashSet();
        var agreedPairs = otherOrders.Count == 0 ? wantedPairs : wantedPairs.Where(otherPairs.Contains).ToHashSet();
        var headings = chunks.SelectMany(c => c.Chunk.HeadingPath).ToHashSet(StringComparer.Ordinal);
        return result with
        {
            Words = wantedWords.Count,
            WordsFound = wantedWords.Count(gotWords.Contains),
            BigramShare = Share(wantedPairs, gotPairs),
            AgreedBigramShare = Share(agreedPairs, gotPairs),
            Chunks = chunks.Count,
            HeadingsAlone =
                chunks.Count > 1 ? chunks.Count(c => headings.Contains(c.Chunk.Text.Trim()) || c.Chunk.Text.Trim() == c.Title) : 0,
            MarkupLeft = chunks.Count(c => Markup().IsMatch(c.Chunk.Text)),
            Seconds = seconds,
            Lacking = [.. wantedWords.Where(w => !gotWords.Contains(w)).Take(MaxLacking)],
        };
    }

    /// <summary>Other extractors leave ligatures as they are; nobody searches for them.</summary>
    private static string WithoutLigatures(string text) =>
        text.Replace("\ufb00", "ff")
            .Replace("\ufb01", "fi")
            .Replace("\ufb02", "fl")
            .Replace("\ufb03", "ffi")
            .Replace("\ufb04", "ffl")
            .Replace("\u00ad", "");

    private static List<string> WordsOf(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(m => m.Value)];

    private static IEnumerable<(string, string)> Pairs(List<string> words) => words.Zip(words.Skip(1));

    private static double Share(HashSet<(string, string)> wanted, HashSet<(string, string)> got) =>
        wanted.Count == 0 ? 1 : (double)wanted.Count(got.Contains) / wanted.Count;

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"</?(div|span|p|a|td|tr|dl|dt|dd|br|img|table)\b[^>]*>|&(nbsp|amp|lt|gt|quot|#\d+);|\]\(https?:|¶|\ufb01|\ufb02")]
    private static partial Regex Markup();
}

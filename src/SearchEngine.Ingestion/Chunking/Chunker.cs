namespace SearchEngine.Ingestion;

/// <summary>
/// Cuts documents into chunks along their structure: never across headings or pages (but for sections too short to stand alone,
/// which are joined), by preference after paragraphs, else sentences, lines, words; inside a word only if it exceeds the budget alone.
/// Every character of a document but white space at the borders is in some chunk.
/// Safe for concurrent use if the token counter is.
/// </summary>
public sealed class Chunker
{
    /// <summary>Raised whenever the same document would give other chunks.</summary>
    internal const int Version = 1;

    /// <summary>The share of the budget that title and headings may take; longer ones are shortened where they are embedded, not where shown.</summary>
    private const int PrefixShare = 4;

    private readonly ChunkerOptions _options;
    private readonly Func<string, int> _countTokens;

    /// <summary>Makes a chunker.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Chunker(ChunkerOptions? options = null)
    {
        _options = options ?? new ChunkerOptions();
        _options.Validate();
        _countTokens = _options.CountTokens ?? TokenEstimate.Count;
    }

    /// <summary>The document's chunks in reading order, made as they are asked for.</summary>
    public IEnumerable<TextChunk> Cut(SourceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        foreach (SourceSection section in SectionMerger.Merge(document.Sections, _options, _countTokens))
        {
            foreach (TextChunk chunk in Cut(document.Title, section))
                yield return chunk;
        }
    }

    private IEnumerable<TextChunk> Cut(string title, SourceSection section)
    {
        string prefix = Prefix(title, section.HeadingPath);
        int budget = _options.MaxTokens - (prefix.Length == 0 ? 0 : _countTokens(prefix));
        foreach ((int start, int end) in Spans(section.Text, budget))
        {
            string shown = section.Text[start..end].Trim();
            if (shown.Length > 0)
                yield return new TextChunk(shown, section.HeadingPath, section.Page, prefix + shown);
        }
    }

    /// <summary>The pieces of a text, in order; each begins at or before the end of the one before, the first at 0, the last ends with the text.</summary>
    internal IEnumerable<(int Start, int End)> Spans(string text, int budget)
    {
        List<TextUnit> units = new TextUnits(_countTokens, budget).Cut(text);
        int first = 0;
        int covered = 0;
        while (first < units.Count)
        {
            int end = Fill(text, units, first, covered, budget);
            if (end <= covered && covered > first)
            {
                // The overlap leaves no room for anything new.
                first = covered;
                end = Fill(text, units, first, covered, budget);
            }
            covered = end;
            yield return (units[first].Start, units[end - 1].End);
            first = end == units.Count ? end : OverlapStart(units, first, end, budget);
        }
    }

    /// <summary>The end (exclusive) of the chunk that starts with unit <paramref name="first"/>; units before <paramref name="covered"/> are in an earlier chunk.</summary>
    private int Fill(string text, List<TextUnit> units, int first, int covered, int budget)
    {
        int end = first;
        int tokens = 0;
        while (end < units.Count && (end == first || tokens + units[end].Tokens <= budget))
            tokens += units[end++].Tokens;
        if (end < units.Count)
            end = BestCut(units, Math.Max(first, covered), end, tokens);
        // Tokens of parts may add up to fewer than those of the whole, by a token at each seam.
        while (end > first + 1 && _countTokens(text[units[first].Start..units[end - 1].End].Trim()) > budget)
            end--;
        return end;
    }

    /// <summary>The best boundary in the second half of a full chunk; of equal ones the last.</summary>
    private static int BestCut(List<TextUnit> units, int after, int end, int tokens)
    {
        int best = end;
        int kept = tokens;
        for (int cut = end; cut > after; cut--)
        {
            if (kept * 2 < tokens)
                break;
            if (units[cut - 1].Ends > units[best - 1].Ends)
                best = cut;
            kept -= units[cut - 1].Tokens;
        }
        return best;
    }

    /// <summary>Where the next chunk starts: whole sentences or lines before <paramref name="end"/> that fit into the overlap, next unit included in the budget.</summary>
    private int OverlapStart(List<TextUnit> units, int first, int end, int budget)
    {
        int start = end;
        int overlap = 0;
        int room = Math.Min(_options.OverlapTokens, budget - units[end].Tokens);
        for (int i = end - 1; i > first; i--)
        {
            overlap += units[i].Tokens;
            if (overlap > room)
                break;
            if (units[i - 1].Ends >= Boundary.Line)
                start = i;
        }
        return start;
    }

    private string Prefix(string title, IReadOnlyList<string> headings)
    {
        IEnumerable<string> lines = headings.Count > 0 && headings[0] == title ? headings : headings.Prepend(title);
        string path = string.Join(" › ", lines.Where(l => !string.IsNullOrWhiteSpace(l)));
        if (path.Length == 0)
            return "";
        int most = _options.MaxTokens / PrefixShare;
        const string End = "\n";
        if (path.Length <= most * 16 && _countTokens(path + End) <= most)
            return path + End;
        // The innermost words say most about the text below them.
        string[] words = path[Math.Max(0, path.Length - most * 16)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int low = 0;
        int high = words.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_countTokens(string.Join(' ', words[middle..]) + End) <= most)
                high = middle;
            else
                low = middle + 1;
        }
        return low == words.Length ? "" : string.Join(' ', words[low..]) + End;
    }
}

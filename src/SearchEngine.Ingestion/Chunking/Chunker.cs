namespace SearchEngine.Ingestion;

/// <summary>
/// Cuts documents into chunks along their structure: never across headings or pages (but for sections too short to stand alone,
/// which are joined), by preference after paragraphs, else sentences, lines, words; inside a word only if it exceeds the budget alone.
/// Code is kept whole where it fits into a chunk; tables are cut between rows, and each piece has the table's header.
/// Every character of a document but white space at the borders is in some chunk.
/// Safe for concurrent use if the token counter is.
/// </summary>
public sealed class Chunker
{
    /// <summary>Raised whenever the same document would give other chunks.</summary>
    internal const int Version = 3;

    /// <summary>
    /// The share of the budget that title and headings may take; longer ones are shortened where they are embedded, not where shown.
    /// </summary>
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
        foreach (var section in SectionMerger.Merge(document.Sections, _options, _countTokens))
        {
            foreach (var chunk in Cut(document.Title, section))
                yield return chunk;
        }
    }

    private IEnumerable<TextChunk> Cut(string title, SourceSection section)
    {
        var prefix = Prefix(title, section.HeadingPath);
        var budget = _options.MaxTokens - (prefix.Length == 0 ? 0 : _countTokens(prefix));
        foreach (var (start, end, header) in Spans(section, budget))
        {
            var shown = section.Text[start..end].Trim('\n').TrimEnd();
            shown = header + (RegionAt(section, start) is null ? shown.TrimStart() : shown);
            if (shown.Trim().Length > 0)
            {
                yield return new TextChunk(shown, section.HeadingPath, section.Page, prefix + shown) { Line = LineOf(section, start) };
            }
        }
    }

    /// <summary>
    /// The pieces of a text, in order; each begins at or before the end of the one before, the first at 0, the last ends with the text.
    /// The third value goes in front of the piece: a table's header, or nothing.
    /// </summary>
    internal IEnumerable<(int Start, int End, string Header)> Spans(SourceSection section, int budget)
    {
        var text = section.Text;
        var units = new TextUnits(_countTokens, budget).Cut(text, section.Regions);
        var first = 0;
        var covered = 0;
        while (first < units.Count)
        {
            var header = HeaderAt(section, units[first].Start, budget);
            var room = budget - (header.Length == 0 ? 0 : _countTokens(header));
            if (units[first].Tokens > room)
            {
                (header, room) = ("", budget);
            }

            var end = Fill(section, units, first, covered, room);
            if (end <= covered && covered > first)
            {
                // The overlap leaves no room for anything new.
                first = covered;
                continue;
            }

            covered = end;
            yield return (units[first].Start, units[end - 1].End, header);
            first = end == units.Count ? end : OverlapStart(section, units, first, end, budget);
        }
    }

    private static SourceRegion? RegionAt(SourceSection section, int offset)
    {
        var at = LastAt(section.Regions, offset, region => region.Start);
        return at >= 0 && offset < section.Regions[at].End ? section.Regions[at] : null;
    }

    /// <summary>The last of the items, which are in order, that begins at an offset or before it; -1 where none does.</summary>
    private static int LastAt<T>(IReadOnlyList<T> items, int offset, Func<T, int> startOf)
    {
        var low = 0;
        var high = items.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (startOf(items[middle]) <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <summary>
    /// The header of the table that goes on at an offset; empty where none does, or where it would take half of the chunk.
    /// </summary>
    private string HeaderAt(SourceSection section, int offset, int budget)
    {
        if (
            RegionAt(section, offset) is not { Kind: SourceRegionKind.Table } table
            || offset < table.HeaderEnd
            || table.HeaderEnd == table.Start
        )
        {
            return "";
        }

        var header = section.Text[table.Start..table.HeaderEnd];
        return header.Length <= budget * 8 && _countTokens(header) * 2 <= budget ? header : "";
    }

    private static int? LineOf(SourceSection section, int start)
    {
        if (section.Lines.Count == 0)
        {
            return null;
        }

        while (start < section.Text.Length && char.IsWhiteSpace(section.Text[start]))
        {
            start++;
        }

        var at = Math.Max(0, LastAt(section.Lines, start, line => line.Offset));
        var anchor = section.Lines[at];
        var line = anchor.Line + (start > anchor.Offset ? section.Text.AsSpan(anchor.Offset, start - anchor.Offset).Count('\n') : 0);
        return at + 1 < section.Lines.Count ? Math.Min(line, Math.Max(anchor.Line, section.Lines[at + 1].Line)) : line;
    }

    /// <summary>
    /// The end (exclusive) of the chunk that starts with unit <paramref name="first"/>; units before <paramref name="covered"/> are in an
    /// earlier chunk.
    /// </summary>
    private int Fill(SourceSection section, List<TextUnit> units, int first, int covered, int budget)
    {
        var end = first;
        var tokens = 0;
        while (end < units.Count && (end == first || tokens + units[end].Tokens <= budget))
        {
            tokens += units[end++].Tokens;
        }

        if (end < units.Count)
        {
            var after = Math.Max(first, covered);
            end = BeforeCode(section, units, after, end, budget) ?? BestCut(units, after, end, tokens);
        }

        // Tokens of parts may add up to fewer than those of the whole, by a token at each seam.
        while (end > first + 1 && _countTokens(section.Text[units[first].Start..units[end - 1].End].Trim()) > budget)
        {
            end--;
        }

        return end;
    }

    /// <summary>
    /// Where a full chunk ends so that code which it would cut goes into the next chunk whole; null where there is no such code.
    /// </summary>
    private static int? BeforeCode(SourceSection section, List<TextUnit> units, int after, int end, int budget)
    {
        if (RegionAt(section, units[end].Start) is not { Kind: SourceRegionKind.Code } code || code.Start <= units[after].Start)
        {
            return null;
        }

        var first = end;
        while (first > after && units[first - 1].Start >= code.Start)
        {
            first--;
        }

        var tokens = 0;
        for (var i = first; i < units.Count && units[i].Start < code.End; i++)
        {
            tokens += units[i].Tokens;
        }

        return first < end && first > after && tokens <= budget ? first : null;
    }

    /// <summary>The best boundary in the second half of a full chunk; of equal ones the last.</summary>
    private static int BestCut(List<TextUnit> units, int after, int end, int tokens)
    {
        var best = end;
        var kept = tokens;
        for (var cut = end; cut > after; cut--)
        {
            if (kept * 2 < tokens)
                break;
            if (units[cut - 1].Ends > units[best - 1].Ends)
                best = cut;
            kept -= units[cut - 1].Tokens;
        }
        return best;
    }

    /// <summary>
    /// Where the next chunk starts: whole sentences or lines before <paramref name="end"/> that fit into the overlap, next unit included in
    /// the budget.
    /// </summary>
    private int OverlapStart(SourceSection section, List<TextUnit> units, int first, int end, int budget)
    {
        // Rows and lines of code say nothing about the ones after them.
        if (RegionAt(section, units[end].Start) is not null)
            return end;
        var start = end;
        var overlap = 0;
        var room = Math.Min(_options.OverlapTokens, budget - units[end].Tokens);
        for (var i = end - 1; i > first; i--)
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
        var lines = headings.Count > 0 && headings[0] == title ? headings : headings.Prepend(title);
        var path = string.Join(" › ", lines.Where(l => !string.IsNullOrWhiteSpace(l)));
        if (path.Length == 0)
            return "";
        var most = _options.MaxTokens / PrefixShare;
        const string End = "\n";
        if (path.Length <= most * 16 && _countTokens(path + End) <= most)
            return path + End;
        // The innermost words say most about the text below them.
        var words = path[Math.Max(0, path.Length - most * 16)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var low = 0;
        var high = words.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_countTokens(string.Join(' ', words[middle..]) + End) <= most)
                high = middle;
            else
                low = middle + 1;
        }
        return low == words.Length ? "" : string.Join(' ', words[low..]) + End;
    }
}
